"""Who may do what in a repository, as GitHub answers it now; an author association in a payload is never asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from bot.github.accounts import Account, account_of
from bot.github.client import segment
from bot.github.errors import NotFound
from bot.github.repository import Repository
from bot.ids import Login


class Level(IntEnum):
    """A person's permission, in rising order."""

    NONE = 0
    READ = 1
    TRIAGE = 2
    WRITE = 3
    MAINTAIN = 4
    ADMIN = 5


_ROLES: Final = {level.name.lower(): level for level in Level}
_RIGHTS: Final = (
    ("admin", Level.ADMIN),
    ("maintain", Level.MAINTAIN),
    ("push", Level.WRITE),
    ("triage", Level.TRIAGE),
    ("pull", Level.READ),
)


async def level(repo: Repository, login: Login, account: int | None = None) -> Level:
    """Return what a person may do.

    With ``account`` the permission counts only where the login still belongs to that numeric id: names change hands.
    """
    try:
        told = await repo.get(f"collaborators/{segment(login)}/permission")
    except NotFound:
        return Level.NONE
    user = told.get("user") or {}
    if account is not None and user.get("id") != account:
        return Level.NONE
    return level_of(told)


def level_of(told: Mapping[str, Any]) -> Level:
    """Return the level in a collaborator's answer; a custom role counts as the rights that it comes with."""
    known = _ROLES.get(str(told.get("role_name") or ""))
    if known is not None:
        return known
    rights = (told.get("user") or {}).get("permissions") or {}
    granted = next((each for name, each in _RIGHTS if rights.get(name) is True), None)
    return granted if granted is not None else _ROLES.get(str(told.get("permission") or ""), Level.NONE)


@dataclass(frozen=True)
class Collaborator:
    """Somebody who was given rights in a repository, directly or through a team."""

    account: Account
    rights: frozenset[str]
    """Of ``pull``, ``triage``, ``push``, ``maintain`` and ``admin`` those that are held."""


async def collaborators(repo: Repository) -> tuple[Collaborator, ...]:
    """Return everybody with rights in a repository; raises Forbidden where the App may not list them."""
    return tuple([_collaborator(each) async for each in repo.pages("collaborators")])


def _collaborator(told: Mapping[str, Any]) -> Collaborator:
    held = frozenset(str(name) for name, given in (told.get("permissions") or {}).items() if given is True)
    return Collaborator(account_of(told), held)


async def team_members(repo: Repository, org: str, slug: str) -> frozenset[int]:
    """Return the numeric ids of a team's members; raises NotFound where there is no such team, or it is hidden from the App."""
    client = await repo.app.installation(repo.installation, {"members": "read"})
    pages = client.pages(f"/orgs/{segment(org)}/teams/{segment(slug)}/members")
    return frozenset([int(each["id"]) async for each in pages])
