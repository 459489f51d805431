"""GitHub as a forge: commits are read from a mirror, made through the API so that GitHub signs them, proposed as pull requests.

What a run published before is found again by its trailer and its tree before anything is made, so a stage may run twice. A branch
is rewritten only where every commit that would be lost is the run's own.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from enum import Enum, auto
from itertools import takewhile
from pathlib import Path
from typing import Final

from bot.change.change import Change, Edit, Past
from bot.errors import Fatal, InputError, Refused, Retryable
from bot.forge import Proposed
from bot.git.mirror import GIB, Mirror
from bot.git.objects import IDENTITY, Logged, Objects
from bot.github import authors, git, pulls
from bot.github.errors import NotFound, Unprocessable
from bot.github.git import Entry, GitCommit
from bot.github.pulls import Pull
from bot.github.repository import Repository
from bot.ids import RunId, Sha
from bot.run import Instruction

MOST_BYTES: Final = 4 * GIB
_MOST_LOOKED_AT = 250
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PULL = re.compile(r"(?:refs/)?pull/(\d{1,18})/head")
_GITLINK = "160000"


class _Whose(Enum):
    """Whose work a branch holds."""

    OWN = auto()
    MIXED = auto()
    """The run's, and somebody pushed on top."""
    OTHERS = auto()


@dataclass(frozen=True)
class GitHubForge:
    """One repository on GitHub; ``mirror`` is the folder of its copy, which other processes may share."""

    repository: Repository
    mirror: Path
    base_branch: str = ""
    """Where proposals go; the default branch where it is empty."""
    most_bytes: int = MOST_BYTES

    @property
    def objects(self) -> Objects:
        """The copy as git objects."""
        return self._copy.objects

    @property
    def _copy(self) -> Mirror:
        url = f"{self.repository.app.server_url}/{self.repository.name}.git"
        return Mirror(self.mirror, url, self._token, self.most_bytes)

    async def _token(self, fresh: bool) -> str:  # noqa: FBT001 - the shape Mirror asks for
        return await self.repository.token(fresh=fresh)

    async def resolve(self, revision: str) -> Sha:
        """Return the commit that a full name, a branch, ``HEAD`` or ``pull/N/head`` stands for, and fetch it."""
        found = Sha(revision) if _SHA.fullmatch(revision) else await self._named(revision)
        await self._have(found)
        return found

    async def _named(self, revision: str) -> Sha:
        pull = _PULL.fullmatch(revision)
        if pull is not None:
            return (await pulls.get(self.repository, int(pull[1]))).head
        branch = revision.removeprefix("refs/heads/")
        if revision == "HEAD":
            branch = (await self.repository.facts()).default_branch
        found = await git.ref(self.repository, branch) if branch else None
        if found is None:
            raise InputError(
                f"{revision!r} names no branch or commit of {self.repository.name}: use a branch or a full commit name"
            )
        return found

    async def lay_out(self, commit: Sha, directory: Path) -> None:
        """Write the commit's files into ``directory``."""
        await self._have(commit)
        await self.objects.lay_out(commit, directory)

    async def text(self, commit: Sha, path: str) -> str | None:
        """Return one file of a commit as text, or None where there is none."""
        await self._have(commit)
        return await self.objects.text(commit, path)

    async def change(self, base: Sha, head: Sha) -> Change:
        """Return what differs between two commits."""
        await self._have(base, head)
        return await self.objects.change(base, head)

    async def past(self, base: Sha, head: Sha) -> Past:
        """Return what each commit on the way from ``base`` to ``head`` changed."""
        await self._have(base, head)
        return await self.objects.past(base, head)

    async def churn(self, commit: Sha, paths: tuple[str, ...]) -> int:
        """Return how many commits touched any of ``paths`` in the days before ``commit``."""
        await self._have(commit)
        return await self.objects.churn(commit, paths)

    async def fork_point(self, base: Sha, head: Sha) -> Sha:
        """Return the newest commit that two have in common: what a pull request's change is counted from."""
        await self._have(base, head)
        done = await asyncio.to_thread(self.objects.attempt, "merge-base", base, head)
        if done.returncode:
            raise InputError(f"{base[:12]} and {head[:12]} have no commit in common: rebase the branch")
        return Sha(done.stdout.decode().split()[0])

    async def commit(self, parent: Sha, edits: tuple[Edit, ...], message: str, run: RunId) -> Sha:
        """Make a commit in the mirror only; the same call gives the same commit."""
        await self._have(parent)
        return await self.objects.commit(parent, edits, message, run)

    async def publish(self, run: RunId, branch: str, commit: Sha) -> Sha:
        """Make the run's commits anew on GitHub, which signs them, and have the branch hold them; return the head's name."""
        await self._have(commit)
        name, tip = await self._branch(run, branch)
        own = await self._made(run, commit)
        addresses = await authors.apps_addresses(self.repository)
        standing = [each for each in await self._line(tip) if _is_own(run, each, addresses)] if tip else []
        head = stands_on = own[0].parents[0] if own else commit
        for each in own:
            head = await self._signed(head, each, standing)
        if tip is None or not await self._holds(tip, head):
            await self._point(run, name, tip, head, stands_on)
        await self._have(head)
        return head

    async def _holds(self, tip: Sha, commit: Sha) -> bool:
        """Return whether a commit is in a branch already; one that the mirror lacks was made just now and is not."""
        if not await self._copy.has(commit):
            return False
        done = await asyncio.to_thread(self.objects.attempt, "merge-base", "--is-ancestor", commit, tip)
        return not done.returncode

    def credit(self, wish: Instruction) -> str:
        """Return the trailer that names who asked as co-author, under the address that GitHub keeps for the account."""
        if wish.origin is None:
            return ""
        address = authors.noreply(wish.origin.requester, wish.requester, self.repository.app.server_url)
        return f"Co-authored-by: {wish.requester} <{address}>"

    async def withdraw(self, run: RunId, branch: str) -> None:
        """Delete the run's branch, unless somebody pushed to it or it has an open pull request."""
        for name, tip in await self._taken(branch):
            await self._have(tip)
            if await self._whose(run, tip) is not _Whose.OWN:
                continue
            if await pulls.find(self.repository, name) is None:
                await git.delete_ref(self.repository, name)

    async def propose(self, run: RunId, branch: str, head: Sha, title: str, body: str) -> Proposed:
        """Point the branch at ``head`` and open the pull request, or bring the one this run opened up to date.

        Raises:
            Refused: somebody pushed to the branch, or closed the pull request.
        """
        await self._have(head)
        name, tip = await self._branch(run, branch, head)
        pull = await pulls.find(self.repository, name) or await self._ended(run, name)
        if pull is None or pull.open:
            await self._point(run, name, tip, head, head)
        if pull is None:
            base = self.base_branch or (await self.repository.facts()).default_branch
            pull = await pulls.open(self.repository, name, base, title, body)
        if pull.open and (pull.title, pull.body) != (title, body):
            pull = await pulls.edit(self.repository, pull.number, title, body)
        return Proposed(name, head, pull.url or None, pull.number)

    async def _ended(self, run: RunId, name: str) -> Pull | None:
        """Return the run's pull request where it is merged already; raises Refused where somebody closed it."""
        pull = await pulls.find(self.repository, name, "closed")
        if pull is None:
            return None
        await self._have(pull.head)
        if await asyncio.to_thread(self.objects.run_of, pull.head) != run:
            return None
        if not pull.merged:
            raise Refused(f"#{pull.number} was closed without merging: reopen it to go on, or ask again for a new run")
        return pull

    async def _have(self, *commits: Sha) -> None:
        """Fetch commits that are not here; one that is known only by its pull request is fetched through that."""
        copy = self._copy
        if copy.empty:
            await self._require_small()
        try:
            await copy.have(*commits)
        except InputError:
            for each in commits:
                if not await copy.has(each):
                    await self._through_a_pull(each)

    async def _through_a_pull(self, commit: Sha) -> None:
        copy = self._copy
        try:
            numbers = await pulls.with_commit(self.repository, commit)
        except (NotFound, Unprocessable):
            numbers = ()
        for number in numbers:
            await copy.fetch(f"+refs/pull/{number}/head:refs/pawl/pull/{number}")
            if await copy.has(commit):
                return
        raise InputError(f"{self.repository.name} has no commit {commit}: its branch may have been deleted or rewritten")

    async def _require_small(self) -> None:
        kilobytes = (await self.repository.facts()).kilobytes
        if kilobytes * 1024 > self.most_bytes:
            size, most = f"{kilobytes / 2**20:.1f} GiB", f"{self.most_bytes / GIB:g} GiB"
            raise Refused(f"{self.repository.name} has {size} of git data: Pawl works on repositories of up to {most}")

    async def _taken(self, branch: str) -> list[tuple[str, Sha]]:
        """Return the branches of this name or this name with a number behind it, and where they point."""
        name = re.compile(rf"{re.escape(branch)}(?:-(\d{{1,4}}))?")
        found = [(ref, tip, name.fullmatch(ref)) for ref, tip in await git.matching(self.repository, branch)]
        return sorted([(ref, tip) for ref, tip, fits in found if fits], key=lambda each: (len(each[0]), each[0]))

    async def _branch(self, run: RunId, branch: str, judged: Sha | None = None) -> tuple[str, Sha | None]:
        """Return the run's own branch and its tip, or a free name.

        What somebody pushed on top is the run's business only as what it has ``judged``.

        Raises:
            Refused: somebody pushed something else to the run's branch.
        """
        taken = await self._taken(branch)
        for name, tip in taken:
            await self._have(tip)
            whose = await self._whose(run, tip)
            if whose is _Whose.MIXED and tip != judged:
                raise Refused(
                    f"somebody pushed to {name}, and Pawl does not overwrite people's commits: take it from there by hand"
                )
            if whose is not _Whose.OTHERS:
                return name, tip
        names = {name for name, _ in taken}
        numbered = (branch if number == 1 else f"{branch}-{number}" for number in range(1, len(names) + 2))
        return next(each for each in numbered if each not in names), None

    async def _whose(self, run: RunId, tip: Sha) -> _Whose:
        """Return whose a branch is, told by who made the commit at its tip and whether the run's lie below."""
        line, addresses = await self._line(tip), await authors.apps_addresses(self.repository)
        if _is_own(run, line[0], addresses):
            return _Whose.OWN
        return _Whose.MIXED if any(_is_own(run, each, addresses) for each in line) else _Whose.OTHERS

    async def _line(self, tip: Sha) -> list[Logged]:
        """Return the newest commits of a branch's own line."""
        return await asyncio.to_thread(self.objects.log, "--first-parent", f"--max-count={_MOST_LOOKED_AT}", tip)

    async def _made(self, run: RunId, head: Sha) -> list[Logged]:
        """Return the run's commits up to ``head`` that exist in the mirror only, oldest first."""
        local = takewhile(lambda each: each.committer == IDENTITY[1] and each.run == run, await self._line(head))
        return list(local)[::-1]

    async def _signed(self, parent: Sha, local: Logged, standing: list[Logged]) -> Sha:
        """Return the commit on ``parent`` that GitHub made of a local one, making it where there is none yet.

        ``parent`` has the same tree as the local one's parent, and may be too new for the mirror to have it.
        """
        for each in standing:
            if (each.parents, each.tree, each.message.strip()) == ((parent,), local.tree, local.message.strip()):
                return each.sha
        (below,) = await asyncio.to_thread(self.objects.log, "--max-count=1", local.parents[0])
        entries = await asyncio.to_thread(self._entries, below.sha, local.sha)
        base = GitCommit(parent, below.tree, below.parents, below.message, verified=False)
        made = await git.commit_entries(self.repository, base, entries, local.message)
        if made.tree != local.tree:
            raise Fatal(f"GitHub made tree {made.tree} of {local.sha}, whose tree is {local.tree}: they must be the same")
        return made.sha

    def _entries(self, old: Sha, new: Sha) -> tuple[Entry, ...]:
        """Return what differs between two trees as entries of a new one."""
        raw = self.objects.git("diff-tree", "-r", "-z", "--no-renames", "--full-index", old, new).decode(errors="surrogateescape")
        parts = raw.split("\0")
        changed = [(facts.lstrip(":").split(" "), path) for facts, path in zip(parts[::2], parts[1::2], strict=False)]
        blobs = self.objects.blobs([oid for (_, mode, _, oid, _), _ in changed if mode not in {"000000", _GITLINK}])
        return tuple(_entry(told, path, blobs) for told, path in changed)

    async def _point(self, run: RunId, name: str, tip: Sha | None, head: Sha, stands_on: Sha) -> None:
        """Point a branch from ``tip`` to ``head``; commits are lost only where all of them are the run's own.

        ``stands_on`` is the newest commit under ``head`` that the mirror has.
        """
        try:
            await git.set_ref(self.repository, name, head)
        except Unprocessable as error:
            if "fast forward" not in error.said:
                raise
        else:
            return
        if tip is None or await git.ref(self.repository, name) != tip:
            raise Retryable(f"{name} moved while it was looked at")
        lost = await asyncio.to_thread(self.objects.log, tip, f"^{stands_on}")
        addresses = await authors.apps_addresses(self.repository)
        foreign = [each.sha for each in lost if not _is_own(run, each, addresses)]
        if foreign:
            raise Refused(f"{name} holds commits of others, such as {foreign[0][:12]}: Pawl does not overwrite them")
        await git.set_ref(self.repository, name, head, force=True)


def _is_own(run: RunId, commit: Logged, own: frozenset[str]) -> bool:
    """Return whether the run made a commit through the API: so its trailer says, under one of the App's ``own`` addresses."""
    return commit.run == run and commit.committer in own


def _entry(told: list[str], path: str, blobs: dict[str, bytes]) -> Entry:
    before, mode, _, oid, _ = told
    if mode == "000000":
        return Entry(path, before, None)
    return Entry(path, mode, None, oid) if mode == _GITLINK else Entry(path, mode, blobs[oid])
