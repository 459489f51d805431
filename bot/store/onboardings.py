"""Which repositories took Pawl on: proposed, then accepted or declined by what people did with the pull request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.ids import PullNumber
from bot.ledger.entry import Fact
from bot.store import ledger
from bot.store.connection import clean

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from bot.store.connection import Connection


class Welcome(StrEnum):
    """What a repository's people said to Pawl."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True)
class Onboarding:
    """How far it is with one repository."""

    state: Welcome
    pull: PullNumber | None
    """The pull request that asks; None where none was needed."""


class Onboardings:
    """The store's onboardings; every method is one transaction, its ledger entry included."""

    def __init__(self, transaction: Callable[[], AbstractAsyncContextManager[Connection]]) -> None:
        self._transaction = transaction

    async def of(self, repository: int) -> Onboarding | None:
        """Return how far it is; None where nothing was proposed yet."""
        async with self._transaction() as connection:
            row = await connection.fetchrow("SELECT state, pull FROM onboarding WHERE repository = $1", repository)
        return None if row is None else Onboarding(Welcome(row["state"]), row["pull"])

    async def put(self, repository: int, state: Welcome, pull: PullNumber | None, actor: str) -> None:
        """Write how far it is now; nothing happens where that is known."""
        async with self._transaction() as connection:
            new = await connection.fetchval(
                "INSERT INTO onboarding (repository, pull, state) VALUES ($1, $2, $3) ON CONFLICT (repository) DO UPDATE"
                " SET pull = coalesce($2, onboarding.pull), state = $3, since = clock_timestamp()"
                " WHERE onboarding.state <> $3 OR onboarding.pull IS DISTINCT FROM coalesce($2, onboarding.pull) RETURNING true",
                repository,
                pull,
                state.value,
            )
            if new:
                told = {"repository": repository, "pull": pull}
                await ledger.append(connection, Fact(clean(actor), f"onboarding.{state}", "", None, {}, told))
