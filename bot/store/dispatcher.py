"""The dispatcher: PgQueuer takes jobs of one kind out of the queue as they come and calls a worker for each.

Each kind has a dispatcher of its own, so that runs, which take minutes, never keep deliveries waiting.
"""

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

if TYPE_CHECKING:
    from bot.store.connection import Pool

Drive = Callable[[RunId], Awaitable[timedelta | None]]
"""Works on a run; returns when to try again where it could not be had."""

Work = Callable[[str], Awaitable[timedelta | None]]
"""Does one job, given what it is about (a run's or a delivery's id); returns when to come again where it could not be done."""


async def consume(  # noqa: PLR0913 - whose jobs, who does them, how many, until when
    pool: Pool, entrypoint: str, do: Work, stop: asyncio.Event, at_once: int, *, until_empty: bool = False, batch: int = 1
) -> None:
    """Call ``do`` for an entrypoint's jobs as they come, at most ``at_once`` together, until ``stop`` (or the queue is empty).

    A job that a process died over comes again half a minute later.
    """
    queues = QueueManager(Queries.from_asyncpg_pool(pool))
    places = asyncio.Semaphore(at_once)

    @queues.entrypoint(entrypoint, on_failure="hold")
    async def work(job: Job) -> None:
        async with places:  # the dispatcher's own bound is at least two
            again = await do((job.payload or b"").decode())
        if again is not None:
            raise RetryRequested(again, "it could not be done yet")

    async def halt() -> None:
        await stop.wait()
        queues.shutdown.set()

    halting = asyncio.create_task(halt())
    try:
        await queues.run(
            dequeue_timeout=timedelta(seconds=5),
            batch_size=batch,
            max_concurrent_tasks=max(2 * batch, at_once),
            mode=QueueExecutionMode.drain if until_empty else QueueExecutionMode.continuous,
        )
    finally:
        halting.cancel()
