"""Who could approve: for each role those who hold it, as people read it: ``@login`` and ``@organisation/team``."""

from __future__ import annotations

from typing import Final

from bot.config import Config, Role
from bot.github.errors import Forbidden
from bot.github.repository import Repository
from bot.standing import Owned

MOST: Final = 50
"""Most people named for one role."""
_PERMISSIONS: Final = {"write": "push", "maintain": "maintain", "admin": "admin"}


async def of(repo: Repository, config: Config, owned: tuple[Owned, ...]) -> dict[str, tuple[str, ...]]:
    """Return by role who holds it for a change that touches those owned paths."""
    by_permission: dict[str, tuple[str, ...]] = {}
    found: dict[str, tuple[str, ...]] = {}
    for name, role in config.approvals.roles.items():
        if role.permission is not None and role.permission not in by_permission:
            by_permission[role.permission] = await _people(repo, role.permission)
        found[name] = _holders(role, by_permission.get(role.permission or "", ()), owned)
    return found


def teams(config: Config, owned: tuple[Owned, ...]) -> frozenset[str]:
    """Return the teams that roles and CODEOWNERS name, as ``organisation/team`` in lower case."""
    named = (each for role in config.approvals.roles.values() for each in role.teams)
    owning = (each for path in owned for each in path.owners if each.startswith("@"))
    return frozenset(plain for each in (*named, *owning) if "/" in (plain := each.removeprefix("@").casefold()))


def _holders(role: Role, people: tuple[str, ...], owned: tuple[Owned, ...]) -> tuple[str, ...]:
    owners = tuple(each for path in owned for each in path.owners) if role.codeowners else ()
    named = (f"@{each.removeprefix('@')}" for each in (*role.users, *role.teams))
    return tuple(dict.fromkeys((*named, *people, *owners)))[:MOST]


async def _people(repo: Repository, permission: str) -> tuple[str, ...]:
    """Return the collaborators with at least this permission; nobody where the App may not list them."""
    try:
        listed = [each async for each in repo.pages("collaborators", permission=_PERMISSIONS[permission])]
    except Forbidden:
        return ()
    return tuple(f"@{each['login']}" for each in listed if each.get("type") != "Bot")
