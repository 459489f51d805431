"""Which run proposed which pull request. The number is written with the transition that proposed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.ids import PullNumber, RunId
from bot.store import runs
from bot.store.connection import clean

if TYPE_CHECKING:
    from bot.run import Run
    from bot.store.connection import Connection


async def run_of(connection: Connection, repository: int, number: PullNumber) -> Run | None:
    """Return the newest run that proposed a pull request; None where none did."""
    found = await connection.fetchval(
        "SELECT id FROM run WHERE origin_repository = $1 AND pull = $2 ORDER BY id DESC LIMIT 1", repository, number
    )
    return None if found is None else await runs.get(connection, RunId(found))


async def pull_of(connection: Connection, run_id: RunId) -> PullNumber | None:
    """Return the pull request that a run proposed; None where it proposed none."""
    number: PullNumber | None = await connection.fetchval("SELECT pull FROM run WHERE id = $1", clean(run_id))
    return number
