"""Approvals given by command: one row for each word, in the order in which they were said."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.ids import Login, PullNumber, RunId, Sha
from bot.ledger.entry import Fact
from bot.policy.standing import Person, Said, Stand
from bot.store import ledger
from bot.store.connection import clean

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from bot.store.connection import Connection


class Approvals:
    """The store's approvals; every method is one transaction, its ledger entry included."""

    def __init__(self, transaction: Callable[[], AbstractAsyncContextManager[Connection]]) -> None:
        self._transaction = transaction

    async def say(  # noqa: PLR0913, PLR0917 - who said what of which commit, where
        self, repository: int, pull: PullNumber, head: Sha, person: Person, stand: Stand, said_in: str, run: RunId | None = None
    ) -> bool:
        """Write down what somebody said of a commit; False where that very word is written down already."""
        async with self._transaction() as connection:
            new = await connection.fetchval(
                "INSERT INTO approval (repository, pull, head, person, login, stand, said_in) VALUES ($1, $2, $3, $4, $5, $6, $7)"
                " ON CONFLICT DO NOTHING RETURNING true",
                repository,
                pull,
                clean(head),
                person.id,
                clean(person.login),
                stand.value,
                clean(said_in),
            )
            if new:
                told = {"repository": repository, "pull": pull, "head": clean(head), "person": person.id}
                await ledger.append(connection, Fact(person.login, f"approval.{stand}", "by command", run, {}, told))
        return bool(new)

    async def of(self, repository: int, pull: PullNumber) -> tuple[Said, ...]:
        """Return everything said of a pull request by command, oldest first."""
        async with self._transaction() as connection:
            rows = await connection.fetch(
                "SELECT * FROM approval WHERE repository = $1 AND pull = $2 ORDER BY at, said_in", repository, pull
            )
        return tuple(
            Said(Person(row["person"], Login(row["login"])), Stand(row["stand"]), Sha(row["head"]), row["at"]) for row in rows
        )
