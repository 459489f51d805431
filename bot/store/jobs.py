"""Jobs: "there is work for this run". The dispatcher is PgQueuer; the run table stays the truth.

A run that a worker has something to do for has one job, written in the same transaction as the run's state. Losing jobs loses
nothing: :func:`sweep` writes them again from the run table. A job that comes twice finds the run claimed, or done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Final, cast

from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries
from pgqueuer.types import QueueExecutionMode

from bot.ids import RunId
from bot.run import WORKED

if TYPE_CHECKING:
    import asyncpg

    from bot.store.connection import Connection, Pool

ENTRYPOINT: Final = "run"
_KEPT: Final = timedelta(days=30)
"""How long the dispatcher's log is kept."""

Drive = Callable[[RunId], Awaitable[timedelta | None]]
"""Works on a run; returns when to try again where it could not be had."""


async def ensure(connection: Connection, run: RunId) -> None:
    """Have one job for the run, in the caller's transaction."""
    if await connection.fetchval("SELECT true FROM pgqueuer WHERE dedupe_key = $1 AND status IN ('queued', 'picked')", run):
        return
    queries = Queries.from_asyncpg_connection(cast("asyncpg.Connection[asyncpg.Record]", connection))
    await queries.enqueue(ENTRYPOINT, run.encode(), dedupe_key=run, on_conflict="skip")


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


async def consume(pool: Pool, drive: Drive, stop: asyncio.Event, at_once: int, *, until_empty: bool = False) -> None:
    """Call ``drive`` for jobs as they come, at most ``at_once`` together, until ``stop`` is set (or the queue is empty)."""
    queues = QueueManager(Queries.from_asyncpg_pool(pool))

    @queues.entrypoint(ENTRYPOINT, on_failure="hold")
    async def work(job: Job) -> None:
        again = await drive(RunId((job.payload or b"").decode()))
        if again is not None:
            raise RetryRequested(again, "the run could not be had")

    async def halt() -> None:
        await stop.wait()
        queues.shutdown.set()

    halting = asyncio.create_task(halt())
    try:
        await queues.run(
            dequeue_timeout=timedelta(seconds=5),
            batch_size=1,
            max_concurrent_tasks=max(2, at_once),
            mode=QueueExecutionMode.drain if until_empty else QueueExecutionMode.continuous,
        )
    finally:
        halting.cancel()
