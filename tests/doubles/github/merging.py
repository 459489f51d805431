"""How git makes what a merge needs: merge commits, squashes, rebases and reverts, all without a working tree."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from tests.doubles.github.accounts import Account
from tests.doubles.github.clone import Clone, GitFailed
from tests.doubles.github.commits import Person, make, read
from tests.doubles.github.state import GitHub


class Conflicts(Exception):
    """The two sides change the same lines."""


@dataclass(frozen=True)
class Wanted:
    """A merge to be made: of which head into which base, by whom, under which words."""

    base: str
    head: str
    by: Account
    message: str


def merged_tree(clone: Clone, base: str, head: str) -> str:
    """Return the tree of both sides joined; raises Conflicts."""
    found = _joined(clone.path, base, head)
    if found is None:
        raise Conflicts
    return found


@functools.lru_cache(maxsize=4096)
def _joined(path: Path, base: str, head: str) -> str | None:
    try:
        return Clone(path).text("merge-tree", "--write-tree", base, head).splitlines()[0]
    except GitFailed:
        return None


def merge(github: GitHub, clone: Clone, wanted: Wanted) -> str:
    """Return a merge commit of both."""
    tree = merged_tree(clone, wanted.base, wanted.head)
    return write(github, clone, tree, [wanted.base, wanted.head], message=wanted.message, by=wanted.by)


def squash(github: GitHub, clone: Clone, wanted: Wanted) -> str:
    """Return one commit on the base that holds everything."""
    return write(github, clone, merged_tree(clone, wanted.base, wanted.head), [wanted.base], message=wanted.message, by=wanted.by)


def rebase(github: GitHub, clone: Clone, wanted: Wanted) -> str:
    """Return the last of the head's commits, each made again on the base; GitHub does not sign these."""
    on = wanted.base
    for sha in clone.text("rev-list", "--reverse", "--no-merges", f"{wanted.base}..{wanted.head}").split():
        commit = read(clone, sha)
        tree = _applied(github, clone, f"{sha}^", sha, on)
        committer = Person.of(wanted.by, github.now())
        on = make(github, clone, tree, [on], commit.message, author=commit.author, committer=committer)
    return on


def reverted(github: GitHub, clone: Clone, before: str, after: str, on: Wanted) -> str:
    """Return a commit on ``on.base`` that takes back the step from ``before`` to ``after``; raises Conflicts."""
    return write(github, clone, _applied(github, clone, after, before, on.base), [on.base], message=on.message, by=on.by)


def write(github: GitHub, clone: Clone, tree: str, parents: list[str], *, message: str, by: Account) -> str:
    """Write a commit in somebody's name, as GitHub does it: GitHub is the committer and signs."""
    now = github.now()
    committer = Person.of(github.web_flow, now)
    return make(github, clone, tree, parents, message, author=Person.of(by, now), committer=committer, signed=True)


def _applied(github: GitHub, clone: Clone, before: str, after: str, on: str) -> str:
    """Return the tree of ``on`` with the step from ``before`` to ``after``: a merge whose ancestor is ``before``."""
    start = _bare(github, clone, before, [])
    return merged_tree(clone, _bare(github, clone, on, [start]), _bare(github, clone, after, [start]))


def _bare(github: GitHub, clone: Clone, of: str, parents: list[str]) -> str:
    """Return a throw-away commit with the same tree and other parents."""
    return write(github, clone, clone.text("rev-parse", f"{of}^{{tree}}"), parents, message="", by=github.web_flow)
