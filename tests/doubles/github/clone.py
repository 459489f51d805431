"""A bare git repository on disk, asked and changed by git's own plumbing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

QUIET = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"}
SHA = re.compile(r"[0-9a-f]{40}")
CONFIG = {
    "http.receivepack": "true",
    "uploadpack.allowReachableSHA1InWant": "true",
    "uploadpack.allowFilter": "true",
    "receive.hideRefs": "refs/pull",
    "receive.denyDeleteCurrent": "ignore",
    "gc.auto": "0",
    "core.logAllRefUpdates": "false",
}


class GitFailed(Exception):
    """A git command that ended with an error; its text is what git said."""


@dataclass(frozen=True)
class Entry:
    """One line of a tree."""

    mode: str
    kind: str
    sha: str
    path: str
    size: int | None = None


@dataclass(frozen=True)
class Clone:
    """A bare repository; ``env`` lets it look into the objects of a push that is not accepted yet."""

    path: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def git(self, *args: str, data: bytes | None = None, env: Mapping[str, str] | None = None) -> bytes:
        """Run git in the repository and return its output; raises GitFailed."""
        environ = {"PATH": os.environ["PATH"], "HOME": os.devnull, **QUIET, **self.env, **(env or {})}
        done = subprocess.run(["git", *args], cwd=self.path, env=environ, input=data or b"", capture_output=True, check=False)
        if done.returncode:
            raise GitFailed(done.stderr.decode(errors="replace").strip())
        return done.stdout

    def text(self, *args: str, data: bytes | None = None, env: Mapping[str, str] | None = None) -> str:
        """Run git and return its output as text without the last line's end."""
        return self.git(*args, data=data, env=env).decode(errors="surrogateescape").rstrip("\n")

    def create(self, parent: Clone | None, branch: str) -> None:
        """Make the repository on disk, with everything that is in the parent's branches and tags."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.mkdir()
        self.git("init", "--quiet", "--bare", "--initial-branch", branch, ".")
        for key, value in CONFIG.items():
            self.git("config", key, value)
        shutil.rmtree(self.path / "hooks", ignore_errors=True)
        (self.path / "hooks").mkdir()
        if parent:
            self.fetch(parent, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")

    def fetch(self, other: Clone, *refspecs: str) -> None:
        """Take refs and their objects from another repository."""
        self.git("fetch", "--quiet", "--no-tags", str(other.path), *refspecs)

    def ref(self, name: str) -> str | None:
        """Return what the full ref points at (the tag object of an annotated tag)."""
        try:
            return self.text("rev-parse", "--verify", "--quiet", name)
        except GitFailed:
            return None

    def refs(self, prefix: str) -> dict[str, str]:
        """Return the refs below a prefix, in the order of their names."""
        lines = self.text("for-each-ref", "--format=%(refname) %(objectname)", prefix).splitlines()
        return {name: sha for name, _, sha in (line.partition(" ") for line in lines)}

    def branches(self) -> dict[str, str]:
        """Return the branches by their short names, each with its head."""
        return {name.removeprefix("refs/heads/"): sha for name, sha in self.refs("refs/heads/").items()}

    def set_ref(self, name: str, sha: str, before: str | None = None) -> None:
        """Point the full ref at the commit, if it is still where it was."""
        self.git("update-ref", name, sha, *([before] if before else []))

    def delete_ref(self, name: str) -> None:
        """Delete the full ref."""
        self.git("update-ref", "-d", name)

    def resolve(self, revision: str) -> str | None:
        """Return the commit that a branch, a tag, a full ref or a SHA names."""
        for name in (f"refs/heads/{revision}", f"refs/tags/{revision}", f"refs/{revision}", revision):
            if name != revision or revision.startswith("refs/") or SHA.fullmatch(revision) or revision == "HEAD":
                found = self.ref(f"{name}^{{commit}}")
                if found:
                    return found
        return None

    def kind(self, sha: str) -> str | None:
        """Return ``commit``, ``tree``, ``blob`` or ``tag``, or nothing if there is no such object."""
        try:
            return self.text("cat-file", "-t", sha) if SHA.fullmatch(sha) else None
        except GitFailed:
            return None

    def blob(self, sha: str) -> bytes:
        """Return the bytes of a blob."""
        return self.git("cat-file", "blob", sha)

    def add_blob(self, content: bytes) -> str:
        """Write a blob."""
        return self.text("hash-object", "-w", "--stdin", data=content)

    def entries(self, tree: str, *, deep: bool = False) -> list[Entry]:
        """Return what a tree holds; ``deep`` goes into its directories and names them too."""
        flags = ["-r", "-t"] if deep else []
        lines = self.git("ls-tree", "-z", "-l", *flags, tree).decode(errors="surrogateescape").split("\0")
        return [_entry(line) for line in lines if line]

    def find(self, revision: str, path: str) -> Entry | None:
        """Return what lies at the path in the revision."""
        lines = self.git("ls-tree", "-z", "-l", revision, "--", path).decode(errors="surrogateescape").split("\0")
        return next((_entry(line) for line in lines if line), None)

    def add_tree(self, base: str | None, changes: Sequence[Entry]) -> str:
        """Write the tree that is the base with the changes; an entry whose SHA is empty is removed."""
        index = {"GIT_INDEX_FILE": str(self.path / f"index-{os.getpid()}")}
        self.git("read-tree", *([base] if base else ["--empty"]), env=index)
        gone = "".join(f"0 {'0' * 40}\t{entry.path}\0" for entry in changes if not entry.sha)
        kept = "".join(f"{entry.mode} {entry.sha}\t{entry.path}\0" for entry in changes if entry.sha and entry.kind != "tree")
        self.git("update-index", "-z", "--index-info", data=(gone + kept).encode(errors="surrogateescape"), env=index)
        for entry in changes:
            if entry.sha and entry.kind == "tree":
                self.git("read-tree", f"--prefix={entry.path}/", entry.sha, env=index)
        return self.text("write-tree", env=index)

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Say whether the newer commit contains the older one."""
        try:
            self.git("merge-base", "--is-ancestor", older, newer)
        except GitFailed:
            return False
        return True

    def changed_paths(self, before: str | None, after: str) -> set[str]:
        """Return the paths in which two commits differ, or all of a commit that has nothing before it."""
        if before is None:
            out = self.git("ls-tree", "-r", "-z", "--name-only", after)
        else:
            out = self.git("diff-tree", "-r", "-z", "--name-only", "--no-renames", before, after)
        return {path for path in out.decode(errors="surrogateescape").split("\0") if path}


def _entry(line: str) -> Entry:
    facts, _, path = line.partition("\t")
    mode, kind, sha, size = facts.split()
    return Entry(mode, kind, sha, path, None if size == "-" else int(size))
