"""The dispatcher: PgQueuer takes jobs out of the queue as they come and calls a worker for each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries
from pgqueuer.types import QueueExecutionMode

from bot.ids import RunId
from bot.store.jobs import ENTRYPOINT

if TYPE_CHECKING:
    from bot.store.connection import Pool

Drive = Callable[[RunId], Awaitable[timedelta | None]]
"""Works on a run; returns when to try again where it could not be had."""


async def consume(pool: Pool, drive: Drive, stop: asyncio.Event, at_once: int, *, until_empty: bool = False) -> None:
    """Call ``drive`` for jobs as they come, at most ``at_once`` together, until ``stop`` is set (or the queue is empty)."""
    queues = QueueManager(Queries.from_asyncpg_pool(pool))
    places = asyncio.Semaphore(at_once)

    @queues.entrypoint(ENTRYPOINT, on_failure="hold")
    async def work(job: Job) -> None:
        async with places:  # the dispatcher's own bound is at least two
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
