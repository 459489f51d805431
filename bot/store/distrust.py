"""Trust that was lost: a rollback or a veto takes a level off, until people change the repository's configuration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.ids import RunId
from bot.ledger.entry import Fact
from bot.store import ledger
from bot.store.connection import clean

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from bot.store.connection import Connection


@dataclass(frozen=True)
class Lost:
    """How much trust is left, and why."""

    level: int
    why: str


class Distrust:
    """The store's lost trust; every method is one transaction, its ledger entry included."""

    def __init__(self, transaction: Callable[[], AbstractAsyncContextManager[Connection]]) -> None:
        self._transaction = transaction

    async def lose(  # noqa: PLR0913, PLR0917 - whose trust, how much there was, and what took it
        self, repository: int, configuration: str, trust: int, cause: str, why: str, run: RunId | None = None
    ) -> bool:
        """Take one level off, once for each cause; False where that cause was told before, or no trust is left.

        ``trust`` is what the configuration says, ``configuration`` its digest.
        """
        async with self._transaction() as connection:
            new = await connection.fetchval(
                "INSERT INTO distrust_cause (repository, cause) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true",
                repository,
                clean(cause),
            )
            row = await connection.fetchrow("SELECT * FROM distrust WHERE repository = $1 FOR UPDATE", repository)
            same = row is not None and row["configuration"] == configuration
            now = min(trust, row["level"]) if row is not None and same else trust
            if now <= 0 or not new:
                return False
            await connection.execute(
                "INSERT INTO distrust (repository, level, configuration, why, cause) VALUES ($1, $2, $3, $4, $5)"
                " ON CONFLICT (repository) DO UPDATE SET level = $2, configuration = $3, why = $4, cause = $5,"
                " since = clock_timestamp()",
                repository,
                now - 1,
                configuration,
                clean(why),
                clean(cause),
            )
            before, after = {"repository": repository, "trust": now}, {"repository": repository, "trust": now - 1}
            await ledger.append(connection, Fact("pawl", "trust.lost", clean(why), run, before, after))
        return True

    async def lost(self, repository: int, configuration: str) -> Lost | None:
        """Return what is left under this configuration; None where nothing was lost under it."""
        async with self._transaction() as connection:
            row = await connection.fetchrow(
                "SELECT level, why FROM distrust WHERE repository = $1 AND configuration = $2", repository, configuration
            )
        return None if row is None else Lost(row["level"], row["why"])
