"""Who moved the branches of pull requests, as GitHub's events told: kept until the pull request is closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.change.move import Move
from bot.ids import Login, PullNumber, Sha
from bot.store.connection import clean

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from bot.store.connection import Connection


class Moves:
    """The store's moves; every method is one transaction."""

    def __init__(self, transaction: Callable[[], AbstractAsyncContextManager[Connection]]) -> None:
        self._transaction = transaction

    async def note(self, repository: int, pull: int, move: Move) -> None:
        """Write down who moved a pull request's branch; once, however often it is told."""
        async with self._transaction() as connection:
            await connection.execute(
                "INSERT INTO move (repository, pull, before, after, person, login) VALUES ($1, $2, $3, $4, $5, $6)"
                " ON CONFLICT DO NOTHING",
                repository,
                pull,
                clean(move.before),
                clean(move.after),
                move.person,
                clean(move.login),
            )

    async def of(self, repository: int, pull: PullNumber) -> tuple[Move, ...]:
        """Return the moves that are known of a pull request's branch, oldest first."""
        async with self._transaction() as connection:
            rows = await connection.fetch("SELECT * FROM move WHERE repository = $1 AND pull = $2 ORDER BY at", repository, pull)
        return tuple(Move(Sha(row["before"]), Sha(row["after"]), row["person"], Login(row["login"])) for row in rows)

    async def forget(self, repository: int, pull: int) -> None:
        """Forget who moved the branch of a pull request that is closed."""
        async with self._transaction() as connection:
            await connection.execute("DELETE FROM move WHERE repository = $1 AND pull = $2", repository, pull)
