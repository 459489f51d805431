"""Holds: somebody asked to wait with a merge. One for each person and issue or pull request; anybody who may can lift all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.ids import Login
from bot.ledger.entry import Fact
from bot.policy.standing import Hold, Person
from bot.store import ledger
from bot.store.connection import clean

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from bot.store.connection import Connection


class Holds:
    """The store's holds; every method is one transaction, its ledger entry included."""

    def __init__(self, transaction: Callable[[], AbstractAsyncContextManager[Connection]]) -> None:
        self._transaction = transaction

    async def put(self, repository: int, number: int, person: Person, why: str) -> bool:
        """Write a hold; False where this person holds it already, with the reason given then."""
        async with self._transaction() as connection:
            new = await connection.fetchval(
                "INSERT INTO hold (repository, number, person, login, why) VALUES ($1, $2, $3, $4, $5)"
                " ON CONFLICT DO NOTHING RETURNING true",
                repository,
                number,
                person.id,
                clean(person.login),
                clean(why),
            )
            if new:
                await ledger.append(connection, Fact(person.login, "hold.put", clean(why), None, {}, _place(repository, number)))
        return bool(new)

    async def lift(self, repository: int, numbers: tuple[int, ...], person: Person) -> tuple[Login, ...]:
        """Lift everybody's holds under those numbers; return whose there were."""
        async with self._transaction() as connection:
            rows = await connection.fetch(
                "DELETE FROM hold WHERE repository = $1 AND number = ANY($2) RETURNING number, login", repository, list(numbers)
            )
            for row in rows:
                before = {**_place(repository, row["number"]), "by": row["login"]}
                await ledger.append(connection, Fact(person.login, "hold.lifted", "", None, before, {}))
        return tuple(sorted({Login(row["login"]) for row in rows}))

    async def of(self, repository: int, numbers: tuple[int, ...]) -> tuple[Hold, ...]:
        """Return the holds under those numbers, oldest first."""
        async with self._transaction() as connection:
            rows = await connection.fetch(
                "SELECT login, why FROM hold WHERE repository = $1 AND number = ANY($2) ORDER BY since, person",
                repository,
                list(numbers),
            )
        return tuple(Hold(row["login"], row["why"]) for row in rows)


def _place(repository: int, number: int) -> dict[str, int]:
    return {"repository": repository, "number": number}
