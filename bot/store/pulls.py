"""Which run proposed which pull request. The number is written with the transition that proposed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.ids import PullNumber, RunId
from bot.store.connection import clean

if TYPE_CHECKING:
    from bot.store.connection import Connection


async def pull_of(connection: Connection, run_id: RunId) -> PullNumber | None:
    """Return the pull request that a run proposed; None where it proposed none."""
    number: PullNumber | None = await connection.fetchval("SELECT pull FROM run WHERE id = $1", clean(run_id))
    return number
