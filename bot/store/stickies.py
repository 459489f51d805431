"""What people on GitHub were told of runs: the sticky comment of an issue or pull request, and what was said once.

Who wants to edit a sticky comment takes a turn first. A turn is a lease: it ends by itself where its process dies, and turns come
no closer than a pause apart, whichever processes they are of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.errors import Fatal
from bot.ids import RunId
from bot.store.connection import clean

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from bot.store.connection import Connection

QUESTION = "question"
"""What was said where a run ended with a distinguishing question."""


@dataclass(frozen=True)
class Turn:
    """The right to edit one sticky comment, until the lease ends."""

    repository: int
    number: int
    turn: int
    comment: int | None
    """None where it is to be written, or to be found."""
    shown: str
    """Digest of the text it shows."""


@dataclass(frozen=True)
class Asked:
    """A question that a person was asked in a comment."""

    run: RunId
    comment: int


class Stickies:
    """The store's stickies; every method is one transaction."""

    def __init__(self, transaction: Callable[[], AbstractAsyncContextManager[Connection]]) -> None:
        self._transaction = transaction

    async def take(self, repository: int, number: int, pause: timedelta, lease: timedelta) -> Turn | timedelta:
        """Take the turn at a sticky comment, or return how long to wait before asking again."""
        async with self._transaction() as connection:
            await connection.execute(
                "INSERT INTO sticky (repository, number) VALUES ($1, $2) ON CONFLICT DO NOTHING", repository, number
            )
            row = await connection.fetchrow(
                "SELECT comment, shown, coalesce(greatest(turn_until, edited + $3::interval), now()) - clock_timestamp() AS wait"
                " FROM sticky WHERE repository = $1 AND number = $2 FOR UPDATE",
                repository,
                number,
                pause,
            )
            if row is None:
                raise Fatal(f"the sticky comment of #{number} is gone from the store")
            wait: timedelta = row["wait"]
            if wait > timedelta(0):
                return wait
            turn: int = await connection.fetchval(
                "UPDATE sticky SET turn = turn + 1, turn_until = clock_timestamp() + $3::interval"
                " WHERE repository = $1 AND number = $2 RETURNING turn",
                repository,
                number,
                lease,
            )
        return Turn(repository, number, turn, row["comment"], row["shown"])

    async def written(self, turn: Turn, comment: int, shown: str) -> bool:
        """Keep which comment it is and what it shows now; False where the turn was lost. The turn goes on."""
        async with self._transaction() as connection:
            done = await connection.fetchval(
                "UPDATE sticky SET comment = $4, shown = $5, edited = clock_timestamp()"
                " WHERE repository = $1 AND number = $2 AND turn = $3 RETURNING true",
                turn.repository,
                turn.number,
                turn.turn,
                comment,
                shown,
            )
        return bool(done)

    async def leave(self, turn: Turn) -> None:
        """End a turn before its lease does."""
        async with self._transaction() as connection:
            await connection.execute(
                "UPDATE sticky SET turn_until = NULL WHERE repository = $1 AND number = $2 AND turn = $3",
                turn.repository,
                turn.number,
                turn.turn,
            )

    async def shown(self, repository: int, number: int) -> tuple[int | None, str]:
        """Return the sticky comment of an issue or pull request, None where there is none, and the digest of what it shows."""
        async with self._transaction() as connection:
            row = await connection.fetchrow(
                "SELECT comment, shown FROM sticky WHERE repository = $1 AND number = $2", repository, number
            )
        return (None, "") if row is None else (row["comment"], row["shown"])

    async def worked(self, run: RunId) -> float:
        """Return how many seconds stages have worked on a run."""
        async with self._transaction() as connection:
            return float(await connection.fetchval("SELECT worked FROM run WHERE id = $1", run) or 0.0)

    async def said(self, run: RunId, what: str) -> bool:
        """Return whether something was said of a run before."""
        async with self._transaction() as connection:
            return bool(await connection.fetchval("SELECT true FROM said WHERE run = $1 AND what = $2", run, clean(what)))

    async def say(self, run: RunId, what: str, comment: int | None = None) -> None:
        """Keep that something was said of a run; nothing happens where it is kept already."""
        async with self._transaction() as connection:
            await connection.execute(
                "INSERT INTO said (run, what, comment) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", run, clean(what), comment
            )

    async def questions(self, younger: timedelta) -> tuple[Asked, ...]:
        """Return the questions of the last while, oldest first, whose place has no newer run."""
        async with self._transaction() as connection:
            rows = await connection.fetch(
                "SELECT said.run, said.comment FROM said JOIN run ON run.id = said.run"
                " WHERE said.what = $1 AND said.comment IS NOT NULL AND said.at > clock_timestamp() - $2::interval"
                " AND NOT EXISTS (SELECT FROM run AS newer WHERE newer.origin_repository = run.origin_repository"
                " AND newer.origin_number = run.origin_number AND newer.id > run.id) ORDER BY said.at",
                QUESTION,
                younger,
            )
        return tuple(Asked(RunId(row["run"]), row["comment"]) for row in rows)
