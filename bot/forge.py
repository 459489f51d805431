"""What a forge is: where a repository's commits come from and where a change is proposed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.change.change import Change, Edit
from bot.ids import RunId, Sha


@dataclass(frozen=True)
class Proposed:
    """Where a person finds the proposal."""

    branch: str
    head: Sha
    url: str | None = None


class Forge(Protocol):
    """A repository somewhere. Nothing here touches a person's working tree."""

    async def resolve(self, revision: str) -> Sha:
        """Return the commit a revision names; raises InputError where there is none."""
        ...

    async def lay_out(self, commit: Sha, directory: Path) -> None:
        """Write the commit's files into an empty directory, without git's own data; symlinks that lead outside are refused."""
        ...

    async def change(self, base: Sha, head: Sha) -> Change:
        """Return what differs between two commits (renames found, no external diff programs)."""
        ...

    async def commit(self, parent: Sha, edits: tuple[Edit, ...], message: str, run: RunId) -> Sha:
        """Make a commit of those edits on ``parent``; the same call gives the same commit (fixed dates and identity)."""
        ...

    async def propose(self, run: RunId, branch: str, head: Sha, title: str, body: str) -> Proposed:
        """Point the branch at ``head`` and open the proposal, or find the one this run opened before."""
        ...
