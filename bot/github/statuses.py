"""Commit statuses: what services without an App say of a commit, one word a context."""

from __future__ import annotations

from dataclasses import dataclass

from bot.github.client import segment
from bot.github.repository import Repository
from bot.ids import Sha


@dataclass(frozen=True)
class SeenStatus:
    """The newest word of one context."""

    context: str
    state: str
    """``success``, ``pending``, ``failure`` or ``error``."""


async def of_commit(repo: Repository, sha: Sha) -> tuple[SeenStatus, ...]:
    """Return the newest status of each context on a commit.

    Raises:
        Forbidden: the App may not read them; it needs ``statuses: read``.
    """
    pages = repo.pages(f"commits/{segment(sha)}/status", "statuses")
    return tuple([SeenStatus(str(each["context"]), str(each["state"])) async for each in pages])
