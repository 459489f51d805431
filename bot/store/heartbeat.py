"""Keep a lease while a stage works.

A thread with an event loop and a connection of its own does it, so that a stage that blocks does not lose its run.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg

from bot.errors import PawlError
from bot.store import runs
from bot.store.connection import Address, connect, translated
from bot.store.runs import Claim

_Tell = Callable[[str | None], None]

if TYPE_CHECKING:
    Interrupted = asyncio.Future[str | None]


@asynccontextmanager
async def beating(address: Address, held: Claim, lease: timedelta) -> AsyncIterator[Interrupted]:
    """Renew the lease four times in its length.

    Gives a future that is done when work must stop: with the reason somebody gave, or None where the lease was lost.
    """
    loop = asyncio.get_running_loop()
    interrupted: Interrupted = loop.create_future()
    stop = threading.Event()

    def tell(why: str | None) -> None:
        with suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(lambda: None if interrupted.done() else interrupted.set_result(why))

    thread = threading.Thread(
        target=lambda: asyncio.run(_beat(address, held, lease, stop, tell)), name=f"heartbeat {held.run.id}", daemon=True
    )
    thread.start()
    try:
        yield interrupted
    finally:
        stop.set()
        await asyncio.to_thread(thread.join)
        interrupted.cancel()


async def _beat(address: Address, held: Claim, lease: timedelta, stop: threading.Event, tell: _Tell) -> None:
    seconds = lease.total_seconds()
    good_until = time.monotonic() + seconds
    connection: asyncpg.Connection[asyncpg.Record] | None = None
    try:
        while not stop.is_set():
            try:
                connection = connection if connection and not connection.is_closed() else await connect(address)
                asked = time.monotonic()
                with translated():
                    mine, why = await runs.renew(connection, held, lease)
            except PawlError:
                mine, why = time.monotonic() < good_until, None
            else:
                good_until = asked + seconds
            if why is not None or not mine:
                tell(why)
                return
            stop.wait(seconds / 4)  # nothing else runs in this loop
    finally:
        if connection is not None:
            connection.terminate()
