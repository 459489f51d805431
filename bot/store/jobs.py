"""Jobs: "there is work for this run", "there is a delivery to answer", "people are to hear of this run".

The dispatcher is PgQueuer; the tables of runs and deliveries stay the truth.

A run that a worker has something to do for has one job, written in the same transaction as the run's state. Losing jobs loses
nothing: :func:`sweep` writes them again from the run table. A job that comes twice finds the run claimed, or done.

The statements are PgQueuer 1.6's own for one job, so that a command which only leaves jobs need not import the dispatcher
(0.2 s); ``dispatcher.py`` takes them out again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.ids import RunId
from bot.run import WORKED

if TYPE_CHECKING:
    from bot.store.connection import Connection

ENTRYPOINT: Final = "run"
DELIVERY: Final = "delivery"
NOTICE: Final = "notice"
_KEPT: Final = timedelta(days=30)
"""How long the dispatcher's log is kept."""

_ENQUEUE: Final = """
WITH inserted AS (
    INSERT INTO pgqueuer (priority, entrypoint, payload, dedupe_key, headers, status)
    VALUES (0, $1, $2, $3, '{}', 'queued')
    ON CONFLICT (dedupe_key) WHERE status IN ('queued', 'picked') AND dedupe_key IS NOT NULL DO NOTHING
    RETURNING id, entrypoint, priority
)
INSERT INTO pgqueuer_log (job_id, status, entrypoint, priority) SELECT id, 'queued', entrypoint, priority FROM inserted
"""


async def ensure(connection: Connection, run: RunId) -> None:
    """Have one job for the run, in the caller's transaction."""
    if not await connection.fetchval("SELECT true FROM pgqueuer WHERE dedupe_key = $1 AND status IN ('queued', 'picked')", run):
        await enqueue(connection, run, run)


async def enqueue(connection: Connection, subject: str, key: str, entrypoint: str = ENTRYPOINT) -> None:
    """Write a job about a run or a delivery, unless one of that key is queued or being done; in the caller's transaction."""
    await connection.execute(_ENQUEUE, entrypoint, subject.encode(), key)


async def tell(connection: Connection, run: RunId, step: int) -> None:
    """Have people told of a run's ``step``-th transition, in the transaction that makes it."""
    await enqueue(connection, run, f"{NOTICE} {run} {step}", NOTICE)


async def drop(connection: Connection, run: RunId) -> None:
    """Take the run's waiting job back, in the caller's transaction; one that was picked ends by itself."""
    await connection.execute("DELETE FROM pgqueuer WHERE dedupe_key = $1 AND status = 'queued'", run)


async def sweep(connection: Connection) -> int:
    """Write a job for every run that should have one and has none, and forget old log lines; return how many were missing."""
    rows = await connection.fetch(
        "SELECT run.id FROM run LEFT JOIN pgqueuer ON dedupe_key = run.id AND status IN ('queued', 'picked')"
        " WHERE run.state = ANY($1) AND pgqueuer.id IS NULL ORDER BY run.id",
        tuple(sorted(WORKED)),
    )
    for row in rows:
        await ensure(connection, row["id"])
    await connection.execute("DELETE FROM pgqueuer_log WHERE created < clock_timestamp() - $1::interval", _KEPT)
    return len(rows)
