"""The laptop's forge: a plain git repository, whose branches are where changes are proposed."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from bot.errors import InputError
from bot.forge import Proposed
from bot.git.objects import NO_COMMIT, Objects
from bot.ids import RepoName, RunId, Sha
from bot.run import Instruction


@dataclass(frozen=True)
class LocalForge(Objects):
    """One repository on this machine; ``root`` is its top folder (or the folder of a bare one)."""

    @property
    def name(self) -> RepoName:
        """The repository's name in the store: its absolute path."""
        return RepoName(str(self.root))

    def person(self) -> str:
        """Return the repository's configured author as ``Name <mail>``, or ''."""
        found = [self.attempt("config", "--get", key).stdout.decode().strip() for key in ("user.name", "user.email")]
        return f"{found[0]} <{found[1]}>" if all(found) else ""

    def require_clean(self) -> None:
        """Raise InputError where tracked files differ from the last commit: what is judged must be what is seen."""
        changed = self.git("status", "--porcelain", "-z", "--untracked-files=no", "--ignore-submodules=all").decode(
            errors="replace"
        )
        paths = [each[3:] for each in changed.split("\0") if each]
        if paths:
            more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
            raise InputError(
                f"{self.root} has changes that are not committed ({paths[0]}{more}): commit or stash them, then run again"
            )

    async def publish(self, run: RunId, branch: str, commit: Sha) -> Sha:
        """Return the commit as it is: whoever sees a laptop's repository sees all of its commits."""
        del run, branch
        return commit

    def credit(self, wish: Instruction) -> str:
        """Return nothing: on a laptop whoever runs Pawl is who asked, and the branch is his."""
        del wish
        return ""

    async def withdraw(self, run: RunId, branch: str) -> None:
        """Do nothing: a laptop's branch is made only for what is proven."""

    async def propose(self, run: RunId, branch: str, head: Sha, title: str, body: str) -> Proposed:
        """Point a branch at ``head``; a name that another run holds gets a number behind it.

        A laptop has no page to open the proposal on: ``title`` and ``body`` go into the evidence bundle.
        """
        del title, body
        return await asyncio.to_thread(self._propose, run, branch, head)

    def _propose(self, run: RunId, branch: str, head: Sha) -> Proposed:
        for number in range(1, 1000):
            name = branch if number == 1 else f"{branch}-{number}"
            done = self.attempt("rev-parse", "--verify", "--quiet", f"refs/heads/{name}^{{commit}}")
            old = done.stdout.decode().strip() if not done.returncode else ""
            if old and self.run_of(Sha(old)) != run:
                continue
            if old != head:
                self.git("update-ref", "-m", f"pawl run {run}", f"refs/heads/{name}", head, old or NO_COMMIT)
            return Proposed(name, head)
        raise InputError(f"{self.root} has a thousand branches named {branch}: delete some")


def open_repository(directory: Path) -> LocalForge:
    """Return the forge of the repository that ``directory`` lies in.

    Raises:
        InputError: there is no such directory, it is no git repository, or git is missing.
    """
    if not directory.is_dir():
        raise InputError(f"{directory} is not a directory: name a git repository with --repo")
    try:
        done = LocalForge(directory.resolve()).attempt("rev-parse", "--show-toplevel")
    except FileNotFoundError:
        raise InputError("git is not installed: apt-get install git") from None
    if done.returncode:
        raise InputError(f"{directory} is not a git repository: run `git init` and commit there, or name another with --repo")
    return LocalForge(Path(os.fsdecode(done.stdout.strip())))
