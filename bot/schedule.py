"""The schedule: what is due, whichever of several processes does it.

==============  =========  ===================================================================================
``sweep``       30 s       jobs that were lost are written again
``answers``     1 minute   reactions to open questions are looked at: GitHub tells nobody of them
``wake``        5 minutes  runs that sleep look at GitHub again: an event may never have come
``redeliver``   5 minutes  GitHub is asked for the deliveries that never got through
``prune``       a day      deliveries of more than a month ago are forgotten
==============  =========  ===================================================================================

What is due is decided by pure functions of the time and of when each chore was last begun, which the store keeps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot import logs
from bot.desk import Desk
from bot.errors import PawlError
from bot.github.deliveries import DeliveryRow, failed_since, redeliver
from bot.ids import DeliveryId
from bot.speech.answering import gather

if TYPE_CHECKING:
    from bot.store.store import Store

CHORES: Final[Mapping[str, timedelta]] = {
    "sweep": timedelta(seconds=30),
    "answers": timedelta(minutes=1),
    "wake": timedelta(minutes=5),
    "redeliver": timedelta(minutes=5),
    "prune": timedelta(days=1),
}
"""How often each chore is done."""
MOST_ASKED: Final = 6
"""The first attempt to deliver and five that were asked for; then there is silence."""
KEPT_BY_GITHUB: Final = timedelta(days=3)
"""How long GitHub can deliver again."""
_LOOK_BACK: Final = timedelta(hours=1)
"""How far before the last look the next one begins, so that repetitions that failed are seen and counted."""

_log = logs.get(__name__)


def due(now: datetime, begun: Mapping[str, datetime], chores: Mapping[str, timedelta] = CHORES) -> tuple[str, ...]:
    """Return the chores to begin now; one that was begun far in the future was begun by a wrong clock, and is due."""
    return tuple(name for name, every in chores.items() if name not in begun or abs(now - begun[name]) >= every)


def look_back(now: datetime, last: datetime | None) -> datetime:
    """Return since when deliveries are looked through: some time before the last look, and never before GitHub's memory."""
    oldest = now - KEPT_BY_GITHUB
    return oldest if last is None else min(now, max(oldest, last - _LOOK_BACK))


def wanted_again(rows: Iterable[DeliveryRow], known: frozenset[DeliveryId]) -> tuple[DeliveryRow, ...]:
    """Return which of the deliveries that never got through to ask for again: not those that came all the same."""
    return tuple(row for row in rows if row.guid not in known and row.attempts < MOST_ASKED)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Schedule:
    """Does what is due until it is told to stop."""

    desk: Desk
    chores: Mapping[str, timedelta] = field(default_factory=lambda: CHORES)
    clock: Callable[[], datetime] = _now
    tick: float = 5.0
    """Seconds between two looks at the clock."""

    @property
    def store(self) -> Store:
        """What keeps runs, deliveries and chores."""
        return self.desk.store

    async def work(self, stop: asyncio.Event) -> None:
        """Begin chores as they become due, until ``stop`` is set; one that fails is done again when it is due again."""
        while not stop.is_set():
            try:
                await self.turn()
            except PawlError as error:
                _log.warning("the schedule has to wait", why=str(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self.tick)

    async def turn(self) -> tuple[str, ...]:
        """Do what is due now and nobody else has begun; return what was done."""
        now = self.clock()
        begun = await self.store.chores()
        done = []
        for name in due(now, begun, self.chores):
            if await self.store.take_chore(name, begun.get(name), now):
                await self._do(name, now, begun.get(name))
                done.append(name)
        return tuple(done)

    async def _do(self, name: str, now: datetime, last: datetime | None) -> None:
        doing: Mapping[str, Callable[[], Awaitable[int]]] = {
            "sweep": self.store.sweep,
            "answers": lambda: gather(self.desk),
            "wake": self.store.wake_all,
            "redeliver": lambda: self.ask_again(now, last),
            "prune": self.store.prune_deliveries,
        }
        try:
            count = await doing[name]()
        except PawlError as error:
            _log.warning("a chore failed", chore=name, why=str(error))
        else:
            _log.info("chore", chore=name, count=count)

    async def ask_again(self, now: datetime, last: datetime | None) -> int:
        """Ask GitHub for the deliveries that never got through; return how many."""
        failed = await failed_since(self.desk.github, look_back(now, last))
        known = await self.store.known_deliveries([row.guid for row in failed])
        missed = wanted_again(failed, known)
        for row in missed:
            _log.info("asking for a delivery again", delivery=row.guid, event_name=row.event, status=row.status_code)
            await redeliver(self.desk.github, row.id)
        return len(missed)
