"""How a proposal stands: every fact that decides whether it may be merged, read anew each time. Data only.

Who said what, what they may, whose work it is, what holds it up, and whether the branch is guarded. ``policy/votes.py`` says what
of it counts, the policies what it amounts to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from bot.ids import Login, PullNumber, Sha


class Stand(StrEnum):
    """What somebody said of a commit."""

    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    """Took back, or had taken back, what he approved before."""
    VETOED = "vetoed"
    """Asked for changes."""


class Access(StrEnum):
    """What a person may do in the repository, as far as it matters here."""

    NONE = "none"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """How much it is, 0 to 3."""
        return list(Access).index(self)


@dataclass(frozen=True)
class Person:
    """A GitHub account; ``id`` decides who it is."""

    id: int
    login: Login
    bot: bool = False


@dataclass(frozen=True)
class Said:
    """One thing that one person said of one commit, in a review or by a command."""

    person: Person
    stand: Stand
    head: Sha
    at: datetime


@dataclass(frozen=True)
class Voter:
    """Somebody who said something, with what he may do now."""

    person: Person
    access: Access
    teams: frozenset[str] = frozenset()
    """Of the teams that matter here, those he is in: ``organisation/team`` in lower case."""


@dataclass(frozen=True)
class Owned:
    """A touched path that CODEOWNERS names owners for, as it names them."""

    path: str
    owners: tuple[str, ...]


@dataclass(frozen=True)
class Hold:
    """Somebody asked to wait."""

    by: str
    why: str = ""


@dataclass(frozen=True)
class Obstacle:
    """One thing that GitHub itself waits for, in a sentence that says who can mend it; ``page`` is where, if it has one."""

    what: str
    page: str = ""


@dataclass(frozen=True)
class Standing:
    """All of it, of one pull request at one moment."""

    pull: PullNumber
    head: Sha
    base_branch: str
    proven_branch: str
    """The branch that the proof was made for."""
    open: bool = True
    merged: bool = False
    draft: bool = False
    armed: bool = False
    """Whether GitHub merges it by itself as soon as the branch's rules are met."""
    merge_commit: Sha | None = None
    requester: Person | None = None
    """Who asked for the change; None where that account is not known."""
    authors: tuple[Person, ...] = ()
    """Who pushed, wrote, committed or co-authored any of its commits."""
    strangers: tuple[str, ...] = ()
    """Co-authors that no account was found for, as their commits name them."""
    said: tuple[Said, ...] = ()
    voters: Mapping[int, Voter] = field(default_factory=lambda: MappingProxyType({}))
    """By account id, everybody in ``said``."""
    owned: tuple[Owned, ...] = ()
    roster: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """By role, who holds it: ``@login`` and ``@organisation/team``."""
    holds: tuple[Hold, ...] = ()
    brake: str = ""
    """Why everything is stopped here; empty where nothing is."""
    unsafe: tuple[str, ...] = ()
    """What of the repository's settings would let a change in unproven, each with the setting to change."""
    unknown: str = ""
    """Why it is not known whose work all of it is, with what to do; empty where it is known."""
    waits: tuple[Obstacle, ...] = ()
    """What GitHub itself waits for; only people who ask want to know."""
    most_trust: int = 4
    """The trust level that rollbacks and vetoes have left."""
    method: str = "merge"
    """How the repository is to merge it."""
