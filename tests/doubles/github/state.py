"""Everything the double knows, in one object: accounts, repositories on disk, Apps, and rooms that other files add.

A file that keeps things of its own (pulls, checks, workflow runs) declares a class without arguments and asks
``github.room(Pulls)`` for the one object of it.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable

from tests.doubles.github.accounts import ROLES, Account, App, Installation, Kind, Team, Token
from tests.doubles.github.clone import Clone
from tests.doubles.github.repository import Issue, Repository
from tests.doubles.github.wrong import NotFound

T = TypeVar("T")
ZERO = "0" * 40


@dataclass(frozen=True)
class RefUpdate:
    """A ref that moved: ``before`` or ``after`` is forty zeros where it was made or deleted."""

    repo: Repository
    ref: str
    before: str
    after: str
    by: Account
    forced: bool

    @property
    def branch(self) -> str | None:
        """The branch, if it is one."""
        return self.ref.removeprefix("refs/heads/") if self.ref.startswith("refs/heads/") else None


@runtime_checkable
class Working(Protocol):
    """A room with work of its own under way; it ends with the double, or when everything is forgotten."""

    tasks: set[asyncio.Task[Any]]


RefHook = Callable[["GitHub", RefUpdate], Awaitable[None]]
PushRule = Callable[["GitHub", RefUpdate, "Token | None", Clone], str | None]
"""Says in one line why a ref may not move so, or nothing. The clone also sees the objects that are being pushed."""

IssueHook = Callable[["GitHub", Issue, str, dict[str, Any], Account], Awaitable[None]]
"""Told of what happened to a pull request through the issues API: ``action``, what else the event carries, and by whom."""

REF_HOOKS: list[RefHook] = []
ISSUE_HOOKS: list[IssueHook] = []
PUSH_RULES: list[PushRule] = []


def on_ref_update(hook: RefHook) -> RefHook:
    """Have the hook called after each move of a ref, whoever made it and however (push, API, merge)."""
    REF_HOOKS.append(hook)
    return hook


def on_pull_as_issue(hook: IssueHook) -> IssueHook:
    """Have the hook called when the issues API changes a pull request: labeled, closed, edited, assigned…"""
    ISSUE_HOOKS.append(hook)
    return hook


def on_push(rule: PushRule) -> PushRule:
    """Have the rule asked before each move of a ref, by a push and by the API alike."""
    PUSH_RULES.append(rule)
    return rule


@dataclass
class GitHub:
    """What GitHub knows. Every number is unique across all kinds of things."""

    data: Path
    url: str = ""
    """Where the process itself listens; answers use the ``Host`` they were asked at instead."""
    accounts: dict[int, Account] = field(default_factory=dict)
    repositories: dict[int, Repository] = field(default_factory=dict)
    teams: dict[int, Team] = field(default_factory=dict)
    apps: dict[int, App] = field(default_factory=dict)
    installations: dict[int, Installation] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    shift: timedelta = timedelta(0)
    """How far the clock has been put forward on demand."""

    def __post_init__(self) -> None:
        self._numbers = itertools.count(100_001)
        self._rooms: dict[type, object] = {}
        self.signing_key = secrets.token_bytes(32)
        self.web_flow = self.add_account("web-flow", "User", name="GitHub", email="noreply@github.com")
        self.root = self.add_account("root", "User")
        self.root.site_admin = True

    def number(self) -> int:
        """Return a number never given before."""
        return next(self._numbers)

    def now(self) -> datetime:
        """Return the time, in whole seconds, as far forward as somebody has put the clock."""
        return (datetime.now(UTC) + self.shift).replace(microsecond=0)

    def room(self, kind: type[T]) -> T:
        """Return the one object of this class, made on first use."""
        found = self._rooms.setdefault(kind, kind())
        assert isinstance(found, kind)
        return found

    async def end(self) -> None:
        """Stop what is under way in all rooms."""
        tasks = [task for room in self._rooms.values() if isinstance(room, Working) for task in room.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def forget(self, data: Path) -> None:
        """Begin anew, empty, in another directory."""
        await self.end()
        data.mkdir(parents=True, exist_ok=True)
        self.__dict__ = GitHub(data, self.url).__dict__

    def add_account(self, login: str, kind: Kind, name: str | None = None, email: str | None = None) -> Account:
        """Make an account; a person or a bot gets a token, :meth:`token_of`."""
        account = Account(self.number(), login, kind, self.now(), name, email)
        self.accounts[account.id] = account
        if kind != "Organization":
            secret = f"ghp_{secrets.token_hex(18)}"
            self.tokens[secret] = Token(secret, account)
        return account

    def token_of(self, account: Account) -> str:
        """Return the personal token of a person."""
        return next(secret for secret, token in self.tokens.items() if token.account is account and not token.installation)

    def find_account(self, login: str) -> Account | None:
        """Return the account with this name, whatever its case."""
        return next((account for account in self.accounts.values() if account.login.lower() == login.lower()), None)

    def account(self, login: str) -> Account:
        """Return the account with this name; raises NotFound."""
        found = self.find_account(login)
        if not found:
            raise NotFound
        return found

    def find_repository(self, owner: str, name: str) -> Repository | None:
        """Return the repository with this name, whatever its case."""
        full = f"{owner}/{name}".lower()
        return next((repo for repo in self.repositories.values() if repo.full_name.lower() == full), None)

    def repository(self, full_name: str) -> Repository:
        """Return the repository called ``owner/name``; raises NotFound."""
        owner, _, name = full_name.partition("/")
        found = self.find_repository(owner, name)
        if not found:
            raise NotFound
        return found

    def add_repository(self, owner: Account, name: str, *, private: bool = False, parent: Repository | None = None) -> Repository:
        """Make a repository, empty or as a fork of its parent."""
        number = self.number()
        clone = Clone(self.data / "repositories" / f"{number}.git")
        repo = Repository(number, owner, name, clone, self.now(), private=private, parent=parent)
        clone.create(parent.clone if parent else None, repo.default_branch)
        self.repositories[number] = repo
        return repo

    def role(self, repo: Repository, account: Account) -> str:
        """Return what the account may do there, as a standard or a custom role: ``none`` up to ``admin``."""
        if account.site_admin or account.id == repo.owner.id or account.id in repo.owner.owners:
            return "admin"
        roles = [repo.collaborators.get(account.id, "none"), *self._team_roles(repo, account)]
        if account.id in repo.owner.members:
            roles.append(repo.owner.base_role)
        if not repo.private:
            roles.append("read")
        return max(roles, key=lambda role: (ROLES.index(self.standard(repo, role)), role not in ROLES))

    def standard(self, repo: Repository, role: str) -> str:
        """Return the standard role that a custom one is built on; a standard one as it is."""
        return repo.owner.custom_roles.get(role, role)

    def _team_roles(self, repo: Repository, account: Account) -> Iterator[str]:
        for team in self.teams.values():
            if account.id in team.members and repo.id in team.roles:
                yield team.roles[repo.id]

    def installations_on(self, repo: Repository) -> Iterable[Installation]:
        """Return the installations that reach the repository and are not suspended."""
        return [installation for installation in self.installations.values() if self.reaches(installation, repo)]

    def reaches(self, installation: Installation, repo: Repository) -> bool:
        """Say whether the installation is there for the repository."""
        if installation.suspended_at or installation.account.id != repo.owner.id:
            return False
        return installation.repositories is None or repo.id in installation.repositories

    def refused(self, update: RefUpdate, token: Token | None, clone: Clone) -> str | None:
        """Return the first rule's reason why the ref may not move so."""
        return next((reason for rule in PUSH_RULES if (reason := rule(self, update, token, clone))), None)

    async def moved(self, update: RefUpdate) -> None:
        """Tell everybody who asked that a ref has moved."""
        update.repo.pushed_at = self.now()
        for hook in REF_HOOKS:
            await hook(self, update)
