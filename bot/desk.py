"""The desk: what an event and a command come with, and what whoever answers them may use.

A delivery is taken from the store by a worker and handed to the file in ``webhooks/`` that has its event's name; a comment's
commands go on to ``commands/``. Both get a :class:`Desk`: the store to leave work in, GitHub to ask who may what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.config import Config
from bot.github.app import App
from bot.github.repository import Repository
from bot.ids import DeliveryId, InstallationId, Login, RepoName
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.store.store import Store


@dataclass(frozen=True)
class Delivery:
    """One webhook delivery as it was received; ``payload`` is a stranger's JSON."""

    id: DeliveryId
    event: str
    action: str
    """Empty where the event has none."""
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Actor:
    """Who did something; ``id`` decides who it is."""

    login: Login
    id: int
    bot: bool
    """Whether GitHub says that the account is no person's."""


@dataclass(frozen=True)
class Place:
    """An issue or pull request of an installed repository."""

    installation: InstallationId
    repo: RepoName
    repository: int
    """The repository's numeric id."""
    number: int
    pull: bool


@dataclass(frozen=True)
class Desk:
    """What handlers of events and commands may use."""

    store: Store
    github: App
    settings: Settings
    config: Callable[[Repository], Awaitable[Config]]
    """Return the configuration on a repository's default branch; raises ConfigError."""

    async def repository(self, installation: InstallationId, repo: RepoName) -> Repository:
        """Return a repository to speak to, with this installation's rights."""
        return await self.github.repository(installation, repo)
