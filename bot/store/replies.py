"""How often Pawl answers within an hour: so often to one person in a repository, and so often to all who only read it.

GitHub lets an App write 500 comments an hour, and anybody may ask on a public repository: no flood of questions takes what work
needs. People who work there are never silenced by a crowd of others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from bot.store.connection import Connection

_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Most:
    """Most answers within an hour, in one repository."""

    person: int = 20
    strangers: int = 60
    """Of all people without write access together."""


MOST: Final = Most()


class Replies:
    """The store's answers of the last hour."""

    def __init__(self, transaction: Callable[[], AbstractAsyncContextManager[Connection]], most: Most = MOST) -> None:
        self._transaction = transaction
        self._most = most

    async def room(self, repository: int, person: int, said_in: str, *, stranger: bool) -> bool:
        """Take room for one more answer to somebody; False where there is none. What has room keeps it when it is asked again."""
        async with self._transaction() as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('replies ' || $1::text, 0))", str(repository))
            await connection.execute(
                "DELETE FROM reply WHERE repository = $1 AND at < clock_timestamp() - $2::interval", repository, _HOUR
            )
            (row,) = await connection.fetch(
                "SELECT coalesce(bool_or(said_in = $3), false) AS known, count(*) FILTER (WHERE person = $2) AS own,"
                " count(*) FILTER (WHERE stranger) AS strangers FROM reply WHERE repository = $1",
                repository,
                person,
                said_in,
            )
            if row["known"]:
                return True
            if row["own"] >= self._most.person or (stranger and row["strangers"] >= self._most.strangers):
                return False
            await connection.execute(
                "INSERT INTO reply (repository, person, said_in, stranger) VALUES ($1, $2, $3, $4)",
                repository,
                person,
                said_in,
                stranger,
            )
        return True
