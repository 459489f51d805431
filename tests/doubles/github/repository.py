"""A repository as GitHub keeps it beside git: settings, collaborators, issues, comments, labels and reactions.

A pull request is an issue too: it has an :class:`Issue` with ``pull`` set, from the same sequence of numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tests.doubles.github.accounts import Account, App, node_id
from tests.doubles.github.clone import Clone

DEFAULT_LABELS = {"bug": "d73a4a", "documentation": "0075ca", "enhancement": "a2eeef", "question": "d876e3"}


@dataclass(slots=True, eq=False)
class Reaction:
    """One account's reaction to an issue, a comment or a review comment."""

    id: int
    user: Account
    content: str
    created_at: datetime

    @property
    def node_id(self) -> str:
        return node_id("REA", self.id)


@dataclass(slots=True, eq=False)
class Label:
    """A label of a repository."""

    id: int
    name: str
    color: str
    description: str | None = None
    default: bool = False

    @property
    def node_id(self) -> str:
        return node_id("LA", self.id)


@dataclass(slots=True, eq=False)
class Comment:
    """A comment on an issue or on the conversation of a pull request."""

    id: int
    issue: Issue
    user: Account
    body: str
    created_at: datetime
    updated_at: datetime
    app: App | None = None
    reactions: dict[int, Reaction] = field(default_factory=dict)

    @property
    def node_id(self) -> str:
        return node_id("IC", self.id)


@dataclass(slots=True, eq=False)
class Issue:
    """An issue, or what a pull request has in common with one."""

    id: int
    repo: Repository
    number: int
    title: str
    body: str | None
    user: Account
    created_at: datetime
    updated_at: datetime
    pull: bool = False
    merged_at: datetime | None = None
    draft: bool = False
    state: str = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: Account | None = None
    locked: bool = False
    labels: list[Label] = field(default_factory=list)
    assignees: list[Account] = field(default_factory=list)
    reactions: dict[int, Reaction] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    app: App | None = None

    @property
    def node_id(self) -> str:
        return node_id("PR" if self.pull else "I", self.id)


@dataclass(slots=True, eq=False)
class Settings:
    """The switches of a repository's settings page."""

    allow_merge_commit: bool = True
    allow_squash_merge: bool = True
    allow_rebase_merge: bool = True
    allow_auto_merge: bool = False
    allow_update_branch: bool = False
    allow_forking: bool = True
    delete_branch_on_merge: bool = False
    has_issues: bool = True


@dataclass(slots=True, eq=False)
class Repository:
    """A repository: its git side is ``clone``."""

    id: int
    owner: Account
    name: str
    clone: Clone
    created_at: datetime
    private: bool = False
    parent: Repository | None = None
    description: str | None = None
    default_branch: str = "main"
    archived: bool = False
    settings: Settings = field(default_factory=Settings)
    collaborators: dict[int, str] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    updated_at: datetime = field(init=False)
    pushed_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.updated_at = self.pushed_at = self.created_at

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    @property
    def node_id(self) -> str:
        return node_id("R", self.id)

    @property
    def next_number(self) -> int:
        """The number that the next issue or pull request gets."""
        return max(self.issues, default=0) + 1

    def comment(self, number: int) -> Comment | None:
        """Return the comment with this id."""
        return next((issue.comments[number] for issue in self.issues.values() if number in issue.comments), None)
