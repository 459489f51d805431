"""What moved a branch, and who did: GitHub's own record of pushes, which no commit can lie about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot import logs
from bot.change.move import Move
from bot.errors import Refused
from bot.github.errors import NotFound
from bot.github.repository import Repository
from bot.ids import Login, Sha

NOWHERE: Final = Sha("0" * 40)
"""Where a branch stood before it was made."""

_log = logs.get(__name__)


@dataclass(frozen=True)
class Movers:
    """Who moved a branch on its way to a commit."""

    accounts: tuple[tuple[int, Login], ...]
    lost: tuple[Sha, ...] = ()
    """Commits on the way that nobody is known to have brought; none where the way is known from the branch's making on."""


async def of(repo: Repository, branch: str) -> tuple[Move, ...]:
    """Return every move of a branch that GitHub tells; none on a server that keeps no such record, or does not show it."""
    try:
        told = [each async for each in repo.pages("activity", ref=f"refs/heads/{branch}")]
    except (NotFound, Refused) as error:
        _log.warning("who pushed cannot be seen", branch=branch, why=str(error))
        return ()
    return tuple(
        Move(
            Sha(str(each["before"])),
            Sha(str(each["after"])),
            int(each["actor"]["id"]) if each.get("actor") else None,
            Login(str((each.get("actor") or {}).get("login") or "")),
        )
        for each in told
    )


def movers(head: Sha, moves: Iterable[Move]) -> Movers:
    """Return everybody who may have brought ``head`` about: by the moves to it, the moves to where those began, and so on.

    A branch that went back and forth leads in circles: a way that never leads to the branch's making is not known.
    """
    way: dict[Sha, dict[Sha, set[tuple[int, Login]]]] = {}
    for each in moves:
        whose = way.setdefault(each.after, {}).setdefault(each.before, set())
        whose |= {(each.person, each.login)} if each.person is not None else set()
    found: set[tuple[int, Login]] = set()
    lost: list[Sha] = []
    seen, ahead = {head, NOWHERE}, [head]
    began = False
    while ahead:
        at = ahead.pop()
        befores = way.get(at, {})
        if not befores or not all(befores.values()):
            lost.append(at)
        found.update(*befores.values())
        began = began or NOWHERE in befores
        ahead += sorted(befores.keys() - seen)
        seen |= befores.keys()
    return Movers(tuple(sorted(found)), tuple(lost) if lost or began else (head,))
