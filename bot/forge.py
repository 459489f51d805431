"""What a forge is: where a repository's commits come from and where a change is proposed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from bot.change.change import Change, Edit, Past
from bot.ids import PullNumber, RunId, Sha
from bot.run import Instruction

MOST_SLUG: Final = 40
"""Longest readable part of a branch name."""
CHURN_DAYS: Final = 90
MOST_COMMITS: Final = 200


@dataclass(frozen=True)
class Proposed:
    """Where a person finds the proposal."""

    branch: str
    head: Sha
    url: str | None = None
    pull: PullNumber | None = None


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

    async def past(self, base: Sha, head: Sha) -> Past:
        """Return what each commit that ``head`` has and ``base`` has not changed, at most the last :data:`MOST_COMMITS`."""
        ...

    async def churn(self, commit: Sha, paths: tuple[str, ...]) -> int:
        """Return how many commits touched any of ``paths`` in the :data:`CHURN_DAYS` before ``commit``, itself included."""
        ...

    async def commit(self, parent: Sha, edits: tuple[Edit, ...], message: str, run: RunId) -> Sha:
        """Make a commit of those edits on ``parent``; the same call gives the same commit (fixed dates and identity)."""
        ...

    async def publish(self, run: RunId, branch: str, commit: Sha) -> Sha:
        """Make ``commit`` and what it stands on visible to others on ``branch``; return its name there.

        A forge that signs what it is given names the commit anew; the tree is the same. The same call gives the same commit.
        """
        ...

    def credit(self, wish: Instruction) -> str:
        """Return the trailer that names who asked as co-author of a change, or '' where the forge knows no accounts."""
        ...

    async def withdraw(self, run: RunId, branch: str) -> None:
        """Take back what the run published and nobody has merged; nothing happens where there is nothing."""
        ...

    async def propose(self, run: RunId, branch: str, head: Sha, title: str, body: str) -> Proposed:
        """Point the branch at ``head`` and open the proposal, or find the one this run opened before."""
        ...


def branch_name(instruction: Instruction) -> str:
    """Return ``pawl/<issue>-<slug>``, or ``pawl/<slug>`` where nobody wrote an issue."""
    number = f"{instruction.origin.number}-" if instruction.origin else ""
    return f"pawl/{number}{slug(instruction.text)}"


def slug(text: str) -> str:
    """Return the readable part of a branch name: lower-case ASCII words of the text's first line."""
    line = next((each for each in text.splitlines() if each.strip()), "")
    plain = unicodedata.normalize("NFKD", line).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    short = ""
    for word in words:
        if len(short) + len(word) >= MOST_SLUG:
            break
        short = f"{short}-{word}" if short else word
    return short or (words[0][:MOST_SLUG] if words else "change")
