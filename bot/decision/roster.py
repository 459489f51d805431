"""Who could approve: for each role those who hold it, as people read it: ``@login`` and ``@organisation/team``."""

from __future__ import annotations

from typing import Final

from bot.config import Config, Role
from bot.github import permissions
from bot.github.errors import Forbidden
from bot.github.repository import Repository, RepositoryFacts
from bot.policy.standing import Owned

MOST: Final = 50
"""Most people named for one role."""
_RIGHTS: Final = {"write": "push", "maintain": "maintain", "admin": "admin"}


async def of(repo: Repository, facts: RepositoryFacts, config: Config, owned: tuple[Owned, ...]) -> dict[str, tuple[str, ...]]:
    """Return by role who holds it for a change that touches those owned paths."""
    people = await _people(repo, facts)
    return {
        name: _holders(role, tuple(each for each, rights in people if _RIGHTS.get(role.permission or "") in rights), owned)
        for name, role in config.approvals.roles.items()
    }


def teams(config: Config, owned: tuple[Owned, ...]) -> frozenset[str]:
    """Return the teams that roles and CODEOWNERS name, as ``organisation/team`` in lower case."""
    named = (each for role in config.approvals.roles.values() for each in role.teams)
    owning = (each for path in owned for each in path.owners if each.startswith("@"))
    return frozenset(plain for each in (*named, *owning) if "/" in (plain := each.removeprefix("@").casefold()))


def _holders(role: Role, people: tuple[str, ...], owned: tuple[Owned, ...]) -> tuple[str, ...]:
    owners = tuple(each for path in owned for each in path.owners) if role.codeowners else ()
    named = (f"@{each.removeprefix('@')}" for each in (*role.users, *role.teams))
    return tuple(dict.fromkeys((*named, *people, *owners)))[:MOST]


async def _people(repo: Repository, facts: RepositoryFacts) -> list[tuple[str, frozenset[str]]]:
    """Return the collaborators with their rights, the owner first; the owner alone where the App may not list them."""
    found = [] if facts.organization else [(f"@{repo.owner}", frozenset(_RIGHTS.values()))]
    try:
        listed = await permissions.collaborators(repo)
    except Forbidden:
        return found
    people = [each for each in listed if not each.account.bot and each.account.id != facts.owner_id]
    return found + [(f"@{each.account.login}", each.rights) for each in people]
