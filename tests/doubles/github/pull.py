"""Pull requests, their reviews and the conversations on their lines: what they are, and how they come to be, move and end.

A pull request shares its :class:`Issue` (number, title, body, labels, state) with the issues; the git side lies here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.doubles.github.accounts import Account, App, node_id
from tests.doubles.github.check import PULLS_AT, request_suites
from tests.doubles.github.events import emit
from tests.doubles.github.repository import Issue, Repository
from tests.doubles.github.shapes import Json, Shapes
from tests.doubles.github.state import ZERO, GitHub, RefUpdate, on_ref_update
from tests.doubles.github.urls import CURRENT, at

BODY = 65_536
TITLE = 256
DECIDING = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")


@dataclass(slots=True, eq=False)
class AutoMerge:
    """That a pull request merges by itself once nothing is missing: who wanted it, and how."""

    by: Account
    method: str
    title: str
    message: str


@dataclass(slots=True, eq=False)
class Review:
    """One review; ``PENDING`` until it is submitted."""

    id: int
    pull: Pull
    user: Account
    state: str
    body: str
    commit_id: str
    submitted_at: datetime | None
    installed: bool = False
    """Whether an App gave it."""

    @property
    def node_id(self) -> str:
        return node_id("PRR", self.id)


@dataclass(slots=True, eq=False)
class ReviewComment:
    """One thing said in a conversation; GitHub makes a review around each."""

    id: int
    thread: Thread
    review: Review
    body: str
    created_at: datetime

    @property
    def user(self) -> Account:
        return self.review.user

    @property
    def node_id(self) -> str:
        return node_id("PRRC", self.id)


@dataclass(slots=True, eq=False)
class Thread:
    """A conversation on a line of one side of a pull request, as the line was when somebody began it; without one, on a file."""

    id: int
    pull: Pull
    commit_id: str
    path: str
    side: str = "RIGHT"
    line: int | None = None
    counted_in: str = ""
    """The commit whose lines are counted: on the right ``commit_id``, on the left where the pull request began."""
    hunk: str = ""
    position: int = 1
    comments: list[ReviewComment] = field(default_factory=list)
    resolved_by: Account | None = None

    @property
    def node_id(self) -> str:
        return node_id("PRRT", self.id)


@dataclass(slots=True, eq=False)
class Pull:
    """A pull request: ``base_sha`` is the base's head when the request last moved."""

    id: int
    issue: Issue
    base_branch: str
    base_sha: str
    head_repo: Repository
    head_branch: str
    head_sha: str
    pushed_by: Account
    maintainer_can_modify: bool = False
    reviews: list[Review] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    requested: list[Account] = field(default_factory=list)
    auto_merge: AutoMerge | None = None
    merged_by: Account | None = None
    merge_commit_sha: str | None = None
    merged_onto: str | None = None
    """Where the base was before it was merged."""

    @property
    def repo(self) -> Repository:
        return self.issue.repo

    @property
    def number(self) -> int:
        return self.issue.number

    @property
    def node_id(self) -> str:
        return self.issue.node_id

    @property
    def open(self) -> bool:
        return self.issue.state == "open"

    @property
    def merged(self) -> bool:
        return self.issue.merged_at is not None

    @property
    def fork(self) -> bool:
        return self.head_repo is not self.repo

    def opinions(self) -> list[Review]:
        """Return the last deciding review of each person, oldest first."""
        return list({review.user.id: review for review in self.reviews if review.state in DECIDING}.values())


class Pulls:
    """All pull requests, by repository and number."""

    def __init__(self) -> None:
        self.of: dict[int, dict[int, Pull]] = {}

    def every(self, repo: Repository) -> list[Pull]:
        """Return those of a repository, oldest first."""
        return list(self.of.get(repo.id, {}).values())

    def get(self, repo: Repository, number: int) -> Pull | None:
        """Return the one with this number."""
        return self.of.get(repo.id, {}).get(number)

    def by_node(self, node: str) -> Pull | None:
        """Return the one with this global id."""
        return next((pull for pulls in self.of.values() for pull in pulls.values() if pull.node_id == node), None)

    def open(self) -> list[Pull]:
        """Return all open ones."""
        return [pull for pulls in self.of.values() for pull in pulls.values() if pull.open]


Watcher = Callable[[GitHub, Pull], Awaitable[None]]
CHANGED: list[Watcher] = []
"""Called when something that merging depends on has changed: auto-merge waits for it."""


async def changed(github: GitHub, pull: Pull) -> None:
    """Tell whoever waits that a pull request may have become ready."""
    for watcher in CHANGED:
        await watcher(github, pull)


@dataclass(frozen=True)
class Proposal:
    """What somebody asks to be merged, and where."""

    title: str
    body: str | None
    base: str
    head_repo: Repository
    head: str
    draft: bool = False
    maintainer_can_modify: bool = True


async def propose(github: GitHub, repo: Repository, wanted: Proposal, by: Account, app: App | None = None) -> Pull:
    """Open a pull request; branch and difference have been looked at by the caller."""
    now = github.now()
    issue = Issue(github.number(), repo, repo.next_number, wanted.title, wanted.body, by, now, now, pull=True, draft=wanted.draft)
    issue.app = app
    base, head = repo.clone.branches()[wanted.base], wanted.head_repo.clone.branches()[wanted.head]
    modify = wanted.maintainer_can_modify and wanted.head_repo is not repo
    pull = Pull(github.number(), issue, wanted.base, base, wanted.head_repo, wanted.head, head, by, maintainer_can_modify=modify)
    repo.issues[issue.number] = issue
    github.room(Pulls).of.setdefault(repo.id, {})[issue.number] = pull
    _point(pull)
    tell(github, pull, "opened", by)
    return pull


async def synchronise(github: GitHub, pull: Pull, head: str, by: Account) -> None:
    """Take over a head that moved."""
    before, pull.head_sha, pull.pushed_by = pull.head_sha, head, by
    pull.base_sha = pull.repo.clone.branches().get(pull.base_branch, pull.base_sha)
    pull.issue.updated_at = github.now()
    _point(pull)
    for watcher in PUSHED:
        await watcher(github, pull, by)
    tell(github, pull, "synchronize", by, before=before, after=head)
    await changed(github, pull)


PUSHED: list[Callable[[GitHub, Pull, Account], Awaitable[None]]] = []
"""Called after a push to an open pull request, before its webhook: stale approvals go, auto-merge may be disarmed."""
ENDED: list[Callable[[GitHub, Pull, Account], Awaitable[None]]] = []
"""Called before a pull request is closed without having been merged."""


async def close(github: GitHub, pull: Pull, by: Account) -> None:
    """Close without merging."""
    for watcher in ENDED:
        await watcher(github, pull, by)
    _end(github, pull, by)
    tell(github, pull, "closed", by)


async def reopen(github: GitHub, pull: Pull, by: Account) -> None:
    """Open again; the caller has seen that the head branch is there."""
    issue = pull.issue
    issue.state, issue.closed_at, issue.closed_by, issue.updated_at = "open", None, None, github.now()
    tell(github, pull, "reopened", by)


def merged(github: GitHub, pull: Pull, onto: str, sha: str, by: Account) -> None:
    """Note that the base, which was at ``onto``, contains it now."""
    _end(github, pull, by)
    pull.merged_onto = onto
    pull.issue.merged_at, pull.merged_by, pull.merge_commit_sha = pull.issue.closed_at, by, sha
    tell(github, pull, "closed", by)


def _end(github: GitHub, pull: Pull, by: Account) -> None:
    issue = pull.issue
    issue.state, issue.closed_at, issue.closed_by = "closed", github.now(), by
    issue.updated_at = issue.closed_at


def tell(github: GitHub, pull: Pull, action: str, by: Account, **more: Any) -> None:
    """Send ``pull_request``."""
    payload = {"number": pull.number, "pull_request": HOOK_SHAPE[0](github, pull), **more}
    emit(github, "pull_request", action, payload, repo=pull.repo, sender=by)


HOOK_SHAPE: list[Callable[[GitHub, Pull], Json]] = []
"""Filled by the file that knows the long shape, which asks for mergeability and so stands above this one."""


def shapes_now(github: GitHub) -> Shapes:
    """Return the builders of JSON for whoever is asking just now."""
    return Shapes(github, CURRENT.get(at(github.url)))


def _point(pull: Pull) -> None:
    """Have the head's commits in the base's repository, under ``refs/pull/N/head``."""
    if pull.fork:
        pull.repo.clone.fetch(pull.head_repo.clone, f"+refs/heads/{pull.head_branch}:refs/pull/{pull.number}/head")
    pull.repo.clone.set_ref(f"refs/pull/{pull.number}/head", pull.head_sha)


@on_ref_update
async def follow(github: GitHub, update: RefUpdate) -> None:
    """A branch has moved: its pull requests follow, close with it, or turn out to be merged."""
    if update.branch is None:
        return
    if update.after != ZERO and not update.branch.startswith("gh-readonly-queue/"):
        before = None if update.before == ZERO else update.before
        request_suites(github, update.repo, update.after, update.by, branch=update.branch, before=before)
    for pull in github.room(Pulls).open():
        if pull.head_repo is update.repo and pull.head_branch == update.branch:
            await (close(github, pull, update.by) if update.after == ZERO else synchronise(github, pull, update.after, update.by))
        elif pull.repo is update.repo and pull.base_branch == update.branch:
            if update.after == ZERO:
                await close(github, pull, update.by)
            elif pull.repo.clone.is_ancestor(pull.head_sha, update.after):
                merged(github, pull, update.before, update.after, update.by)
            else:
                await changed(github, pull)


def short_shapes(github: GitHub, repo: Repository, sha: str) -> list[Json]:
    """Return the open pull requests from the repository itself with this head, in short form."""
    urls = CURRENT.get(at(github.url))

    def side(branch: str, commit: str) -> Json:
        return {"ref": branch, "sha": commit, "repo": {"id": repo.id, "url": urls.repo(repo), "name": repo.name}}

    return [
        {
            "url": f"{urls.repo(repo)}/pulls/{pull.number}",
            "id": pull.id,
            "number": pull.number,
            "head": side(pull.head_branch, pull.head_sha),
            "base": side(pull.base_branch, pull.base_sha),
        }
        for pull in github.room(Pulls).every(repo)
        if pull.open and not pull.fork and pull.head_sha == sha
    ]


PULLS_AT.append(short_shapes)
