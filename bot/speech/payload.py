"""Read webhook payloads: who did what where, as Pawl's own types.

Payloads are strangers' JSON. A part that is missing or of another shape is an InputError, which ends the delivery in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.desk import Actor, Place
from bot.errors import InputError
from bot.ids import InstallationId, Login, RepoName, Sha

Payload = Mapping[str, Any]


def part(payload: Payload, *names: str) -> Payload:
    """Return the object that stands under a path of names; raises InputError where there is none."""
    found: Any = payload
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping):
        raise InputError(f"the payload has no {'.'.join(names)}: GitHub sends one with this event")
    return found


def number(payload: Payload, name: str) -> int:
    """Return an integer; raises InputError where there is none."""
    found = payload.get(name)
    if not isinstance(found, int) or isinstance(found, bool):
        raise InputError(f"the payload's {name} is no number: GitHub sends one with this event")
    return found


def text(payload: Payload, name: str) -> str:
    """Return a text, empty where GitHub says null; raises InputError where it is something else."""
    found = payload.get(name)
    if found is not None and not isinstance(found, str):
        raise InputError(f"the payload's {name} is no text: GitHub sends one with this event")
    return found or ""


def sha(payload: Payload, name: str) -> Sha:
    """Return a commit's name; raises InputError where there is none."""
    found = text(payload, name)
    if len(found) not in {40, 64} or not set(found) <= set("0123456789abcdef"):
        raise InputError(f"the payload's {name} is no commit: GitHub sends one with this event")
    return Sha(found)


def installation(payload: Payload) -> InstallationId:
    """Return the installation that a delivery belongs to; raises InputError where it came through no App."""
    return InstallationId(number(part(payload, "installation"), "id"))


def repository(payload: Payload) -> tuple[RepoName, int]:
    """Return a repository's name and numeric id."""
    found = part(payload, "repository")
    return RepoName(text(found, "full_name")), number(found, "id")


def place(payload: Payload, thing: str) -> Place:
    """Return the issue or pull request that stands under ``thing``: ``issue`` or ``pull_request``."""
    name, id_ = repository(payload)
    found = part(payload, thing)
    pull = thing == "pull_request" or isinstance(found.get("pull_request"), Mapping)
    return Place(installation(payload), name, id_, number(found, "number"), pull)


def actor(account: Payload) -> Actor:
    """Return who an account is."""
    return Actor(Login(text(account, "login")), number(account, "id"), text(account, "type") != "User")
