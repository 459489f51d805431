"""A git repository as objects and refs: reading commits, laying files out, making commits, and nothing that runs its code.

No hook, filter, external diff or monitor of the repository runs, and neither the working tree nor the index is touched: files
come straight from git's objects, commits are built in an index of their own. Forges stand on this.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.change import diff
from bot.change.change import Change, Edit, Past
from bot.change.encoding import decoded, encoded
from bot.errors import Fatal, InputError
from bot.forge import CHURN_DAYS, MOST_COMMITS
from bot.git.tree import GITLINK, Entry, lay_out, read_entries
from bot.ids import RunId, Sha

IDENTITY = ("Pawl", "pawl@localhost")
NO_COMMIT = "0" * 40
_FIELDS = "%H%x00%T%x00%P%x00%ce%x00%(trailers:key=Pawl-Run,valueonly)%x00%B"
_QUIET = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "protocol.allow=never",
    "gc.auto=0",
    "log.showSignature=false",
)


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment git gets: none of the person's, and no configuration but the repository's own."""
    return {
        "PATH": os.defpath,
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_LITERAL_PATHSPECS": "1",
        **extra,
    }


@dataclass(frozen=True)
class Objects:
    """One repository on this machine; ``root`` is its top folder (or the folder of a bare one)."""

    root: Path

    def git(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        """Run one git command and return what it prints.

        Raises:
            InputError: the repository is a clone without all of its objects.
            Fatal: git said no; the message is its last line.
        """
        done = self.attempt(*arguments, stdin=stdin, env=env)
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            if said and "promisor remote" in said[-1]:
                raise self._not_whole()
            raise Fatal(f"git {arguments[0]} failed in {self.root}: {said[-1] if said else f'exit {done.returncode}'}")
        return done.stdout

    def _not_whole(self) -> InputError:
        return InputError(f"{self.root} is a clone without all of its files: clone it again without --filter")

    def attempt(
        self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run one git command and return how it ended."""
        return subprocess.run(self.command(*arguments), input=stdin, capture_output=True, check=False, env=environment(env or {}))

    def command(self, *arguments: str, settings: tuple[str, ...] = ()) -> list[str]:
        """Return the command line of one git command here; ``settings`` come on top of those that keep git quiet."""
        told = [part for each in (*_QUIET, f"safe.directory={self.root}", *settings) for part in ("-c", each)]
        return ["git", "-C", str(self.root), *told, *arguments]

    def has(self, commit: Sha) -> bool:
        """Return whether there is a commit of that name, with its files."""
        return not self.attempt("cat-file", "-e", f"{commit}^{{tree}}").returncode

    async def resolve(self, revision: str) -> Sha:
        """Return the commit that ``revision`` names."""
        return await asyncio.to_thread(self._resolve, revision)

    def _resolve(self, revision: str) -> Sha:
        name = revision if not revision.startswith("-") else "invalid"
        done = self.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if done.returncode:
            hint = "the repository has no commit yet" if revision == "HEAD" else "git log shows which there are"
            raise InputError(f"{revision!r} names no commit in {self.root}: {hint}")
        return Sha(done.stdout.decode().strip())

    async def lay_out(self, commit: Sha, directory: Path) -> None:
        """Write the commit's files into ``directory``, which is empty; raises InputError where they cannot be laid out safely."""
        await asyncio.to_thread(self._lay_out, commit, directory)

    def _lay_out(self, commit: Sha, directory: Path) -> None:
        entries = self.entries(commit)
        lay_out(entries, self.blobs([each.oid for each in entries if each.mode != GITLINK]), directory, commit)

    def entries(self, commit: Sha) -> list[Entry]:
        """Return all files of a commit; raises InputError for a path that cannot be laid out safely."""
        return read_entries(self.git("ls-tree", "-r", "-z", "--full-tree", commit), commit)

    def blobs(self, oids: list[str]) -> dict[str, bytes]:
        """Return the content of blobs by their names; raises InputError where one of them is not here."""
        out = self.git("cat-file", "--batch", stdin="".join(f"{oid}\n" for oid in oids).encode())
        found: dict[str, bytes] = {}
        at = 0
        for oid in oids:
            line_end = out.index(b"\n", at)
            told = out[at:line_end].split(b" ")
            if told[-1] == b"missing":
                raise self._not_whole()
            size = int(told[2])
            found[oid] = out[line_end + 1 : line_end + 1 + size]
            at = line_end + 2 + size
        return found

    async def text(self, commit: Sha, path: str) -> str | None:
        """Return one file of a commit as text, or None where there is none."""
        done = await asyncio.to_thread(lambda: self.attempt("cat-file", "blob", f"{commit}:{path}"))
        if done.returncode:
            return None
        text = decoded(done.stdout)
        return done.stdout.decode(errors="replace") if text is None else text

    async def change(self, base: Sha, head: Sha) -> Change:
        """Return what differs between two commits."""
        return await asyncio.to_thread(self._change, base, head)

    def _change(self, base: str, head: Sha) -> Change:
        arguments = (
            "diff",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--full-index",
            "-M",
            "--src-prefix=a/",
            "--dst-prefix=b/",
        )
        text = self.git(*arguments, base, head).decode(errors="replace")
        return Change(Sha(base), head, diff.parse(text), text)

    async def past(self, base: Sha, head: Sha) -> Past:
        """Return what each commit that ``head`` has and ``base`` has not changed, against its first parent."""
        return await asyncio.to_thread(self._past, base, head)

    def _past(self, base: Sha, head: Sha) -> Past:
        listed = self.git("rev-list", "--reverse", "--topo-order", "--parents", head, f"^{base}").decode().splitlines()
        lines = [line.split(" ") for line in listed]
        if lines == [[head, base]]:
            return Past()
        cut = self.git("rev-parse", "--is-shallow-repository").strip() == b"true"
        rootless = [commit for commit, *parents in lines if not parents and cut]
        nothing = self.git("hash-object", "-t", "tree", "--stdin").decode().strip()  # what a first commit is compared with
        seen = [(commit, parents[0] if parents else nothing) for commit, *parents in lines if commit not in rootless]
        unseen = f"this clone's history ends at {rootless[0][:12]}: fetch more of it" if rootless else ""
        if len(seen) > MOST_COMMITS:
            unseen = f"of {len(seen)} commits only the last {MOST_COMMITS} were looked at: squash them"
        steps: list[Change] = []
        for commit, parent in seen[-MOST_COMMITS:]:
            try:
                steps.append(self._change(parent, Sha(commit)))
            except Fatal:  # a clone without all files' contents
                unseen = f"the files of {commit[:12]} are not all in this clone: fetch them"
        return Past(tuple(steps), unseen)

    async def born(self, commit: Sha) -> str:
        """Return when a commit was made, ISO 8601 in UTC."""
        seconds = int(await asyncio.to_thread(self.git, "show", "-s", "--format=%ct", commit))
        return datetime.fromtimestamp(seconds, UTC).isoformat()

    async def churn(self, commit: Sha, paths: tuple[str, ...]) -> int:
        """Return how many commits touched any of ``paths`` in the days before ``commit``, counted back from its own date."""
        return await asyncio.to_thread(self._churn, commit, paths)

    def _churn(self, commit: Sha, paths: tuple[str, ...]) -> int:
        born = int(self.git("show", "-s", "--format=%ct", commit))
        since = f"--since={born - CHURN_DAYS * 24 * 3600}"
        return int(self.git("rev-list", "--count", since, commit, "--", *paths)) if paths else 0

    async def commit(self, parent: Sha, edits: tuple[Edit, ...], message: str, run: RunId) -> Sha:
        """Make a commit of ``edits`` on ``parent``; the same call gives the same commit."""
        return await asyncio.to_thread(self._commit, parent, edits, message, run)

    def _commit(self, parent: Sha, edits: tuple[Edit, ...], message: str, run: RunId) -> Sha:
        born = int(self.git("show", "-s", "--format=%ct", parent)) + 1
        modes = {entry.path: entry.mode for entry in self.entries(parent)}
        with tempfile.TemporaryDirectory(prefix="pawl-index-") as folder:
            env = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self.git("read-tree", parent, env=env)
            records = [self._index_record(edit, modes.get(edit.path, "100644")) for edit in edits]
            self.git("update-index", "-z", "--index-info", stdin=b"".join(records), env=env)
            tree = self.git("write-tree", env=env).decode().strip()
        who = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in (("NAME", IDENTITY[0]), ("EMAIL", IDENTITY[1]), ("DATE", f"{born} +0000"))
        }
        text = message if "Pawl-Run:" in message else f"{message.rstrip()}\n\nPawl-Run: {run}\n"
        made = self.git("commit-tree", "-p", parent, "--no-gpg-sign", tree, stdin=text.encode(), env=who)
        return Sha(made.decode().strip())

    def _index_record(self, edit: Edit, mode: str) -> bytes:
        path = os.fsencode(edit.path)
        if edit.content is None:
            return b"0 " + NO_COMMIT.encode() + b"\t" + path + b"\0"
        oid = self.git("hash-object", "-w", "--no-filters", "--stdin", stdin=encoded(edit.path, edit.content)).strip()
        return mode.encode() + b" " + oid + b"\t" + path + b"\0"

    def run_of(self, commit: Sha) -> str:
        """Return the run that a commit's trailer names; '' where it has none."""
        return self.log(commit, "--max-count=1")[0].run

    def log(self, *which: str) -> list[Logged]:
        """Return commits, newest first; ``which`` names and limits them as for ``git log``."""
        fields = self.git("log", "-z", f"--format={_FIELDS}", *which, "--").decode(errors="replace").split("\0")
        return [
            Logged(Sha(sha), Sha(tree), tuple(Sha(each) for each in parents.split()), committer, run.strip(), message)
            for sha, tree, parents, committer, run, message in zip(*(fields[at::6] for at in range(6)), strict=False)
        ]


@dataclass(frozen=True)
class Logged:
    """One commit as git has it; ``committer`` is his address, ``run`` what the trailer names, '' where there is none."""

    sha: Sha
    tree: Sha
    parents: tuple[Sha, ...]
    committer: str
    run: str
    message: str
