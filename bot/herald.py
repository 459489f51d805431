"""The herald: has people on GitHub told where a run stands, once a transition, however often processes die.

Every transition of a run from GitHub leaves a notice in the queue, in its own transaction. Telling is repeated until it went
through, so whoever tells must edit what it said before rather than say it twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot import logs
from bot.errors import Retryable, UserError
from bot.run import Run, State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.ids import RunId
    from bot.store.store import Store

NEEDS_HUMAN: Final = "needs-human"
"""The label of an issue or pull request in which something was asked for that was tried again as often as may be."""

_log = logs.get(__name__)


def needs_human(run: Run) -> bool:
    """Whether a run was given up after it was tried again as often as may be."""
    return run.state is State.FAILED and run.kind == Retryable.__name__


@dataclass(frozen=True)
class Herald:
    """Takes notices out of the queue."""

    store: Store
    tell: Callable[[Run], Awaitable[None]]
    """Shows a run's present state; raises Retryable where that did not go through."""
    label: Callable[[Run, str], Awaitable[None]]
    """Puts a label on the issue or pull request that a run was asked for under."""
    pause: timedelta = timedelta(seconds=20)
    """Before telling is tried again."""
    _telling: dict[RunId, tuple[asyncio.Lock, int]] = field(default_factory=dict)

    async def work(self, stop: asyncio.Event, at_once: int = 8) -> None:
        """Tell as notices come, until ``stop`` is set and those in hand are told."""
        await self.store.consume_notices(self.told, stop, at_once)

    async def told(self, run_id: RunId) -> timedelta | None:
        """Tell where a run stands now; return when to come again where that did not go through."""
        with logs.about(run=run_id):
            try:
                async with self._alone(run_id):
                    await self._tell(run_id)
            except Retryable as error:
                _log.warning("a notice has to wait", why=str(error))
                return self.pause
            except UserError as error:
                _log.warning("a notice cannot be given", why=str(error))
        return None

    async def _tell(self, run_id: RunId) -> None:
        told = -1
        # Another process may have told a later transition meanwhile, and this one written over it: look again afterwards.
        while (step := await self.store.step(run_id)) != told:
            run = await self.store.get(run_id)
            await self.tell(run)
            if needs_human(run):
                await self.label(run, NEEDS_HUMAN)
            told = step

    @asynccontextmanager
    async def _alone(self, run_id: RunId) -> AsyncIterator[None]:
        """Let the notices of one run in this process come one after the other."""
        lock, users = self._telling.get(run_id, (asyncio.Lock(), 0))
        self._telling[run_id] = lock, users + 1
        try:
            async with lock:
                yield
        finally:
            lock, users = self._telling.pop(run_id)
            if users > 1:
                self._telling[run_id] = lock, users - 1
