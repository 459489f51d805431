"""Who there is: people, bots and organisations, teams, and the tokens that speak for them."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

Kind = Literal["User", "Bot", "Organization"]
ROLES = ("none", "read", "triage", "write", "maintain", "admin")
"""The roles in a repository, each containing the ones before it."""


def node_id(prefix: str, number: int) -> str:
    """Return the global id of the thing with this number, in the form of GitHub's."""
    return f"{prefix}_kwDO{base64.urlsafe_b64encode(number.to_bytes(6, 'big')).decode()}"


def at_least(role: str, least: str) -> bool:
    """Say whether the role contains the other one."""
    return ROLES.index(role) >= ROLES.index(least)


@dataclass(slots=True, eq=False)
class Account:
    """A user, a bot or an organisation."""

    id: int
    login: str
    kind: Kind
    created_at: datetime
    name: str | None = None
    email: str | None = None
    site_admin: bool = False
    owners: set[int] = field(default_factory=set)
    """Of an organisation: the ids of its owners."""
    members: set[int] = field(default_factory=set)
    """Of an organisation: the ids of its members, owners among them."""
    base_role: str = "none"
    """Of an organisation: what each member may do in each of its repositories."""
    custom_roles: dict[str, str] = field(default_factory=dict)
    """Of an organisation: the name of each custom role, and the role it is built on."""

    PREFIXES: ClassVar[dict[str, str]] = {"User": "U", "Bot": "BOT", "Organization": "O"}

    @property
    def node_id(self) -> str:
        return node_id(self.PREFIXES[self.kind], self.id)

    @property
    def address(self) -> str:
        """The e-mail address that GitHub puts in this account's commits."""
        return self.email or f"{self.id}+{self.login}@users.noreply.github.com"


@dataclass(slots=True, eq=False)
class Team:
    """A team of an organisation, and its roles in repositories by their ids."""

    id: int
    organisation: Account
    slug: str
    name: str
    members: set[int] = field(default_factory=set)
    roles: dict[int, str] = field(default_factory=dict)

    @property
    def node_id(self) -> str:
        return node_id("T", self.id)


@dataclass(slots=True, eq=False)
class App:
    """A registered GitHub App and its bot."""

    id: int
    slug: str
    name: str
    owner: Account
    bot: Account
    public_key: str
    client_id: str
    client_secret: str
    hook_url: str
    hook_secret: str
    permissions: dict[str, str]
    events: list[str]
    created_at: datetime
    description: str = ""
    external_url: str = ""

    @property
    def node_id(self) -> str:
        return node_id("A", self.id)


@dataclass(slots=True, eq=False)
class Installation:
    """An App on an account: what it may do there, and in which repositories (``None``: all of them)."""

    id: int
    app: App
    account: Account
    permissions: dict[str, str]
    events: list[str]
    repositories: set[int] | None
    created_at: datetime
    updated_at: datetime
    suspended_at: datetime | None = None


@dataclass(slots=True, eq=False)
class Token:
    """A secret that speaks for a person, or for an installation with narrowed rights until it expires."""

    secret: str
    account: Account
    installation: Installation | None = None
    permissions: dict[str, str] = field(default_factory=dict)
    repositories: set[int] | None = None
    expires_at: datetime | None = None
