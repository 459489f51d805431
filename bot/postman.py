"""The postman: takes webhook deliveries out of the store and has each answered by its event's file, once in effect.

===============  ==================================================================================================
answered         done
a UserError      ``refused``: trying again would not help, the reason is kept
Retryable        given back, to be tried again with growing pauses for a day: so long may GitHub be away; then ``failed``
out of time      the same
anything else    ``failed``: the reason names the error, the log has it whole
===============  ==================================================================================================

What failed though a person asked for it is told where it was asked, under the label ``needs-human``. It is tried afresh when
GitHub is asked to send it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot import logs
from bot.desk import Delivery, Desk
from bot.errors import Retryable, UserError
from bot.github import issues
from bot.herald import NEEDS_HUMAN
from bot.ids import DeliveryId
from bot.speech import messages
from bot.speech.once import say_once
from bot.store.deliveries import Letter, Result, opened
from bot.webhook import Event

if TYPE_CHECKING:
    from bot.store.store import Store

PATIENCE: Final = timedelta(days=1)
"""How long a delivery is tried; as long again people are sought to be told that it failed."""
LONGEST_PAUSE: Final = timedelta(minutes=15)
MOST_DEATHS: Final = 6
"""Processes that may die over a delivery before it is given up."""
SECONDS: Final = 120.0
"""How long one answer may take."""
_LEASE: Final = timedelta(seconds=SECONDS + 30)

_log = logs.get(__name__)


@dataclass(frozen=True)
class _Came:
    """What came of a delivery."""

    result: Result
    reason: str = ""
    rest: timedelta = timedelta()
    """Must pass before it is tried again: GitHub's limits tell their end."""


@dataclass(frozen=True)
class Postman:
    """Hands deliveries to the files in ``webhooks/``."""

    desk: Desk
    events: Mapping[str, Event]
    pause: timedelta = timedelta(seconds=2)
    """Before the first repetition; each later one is four times as long, up to the longest."""
    seconds: float = SECONDS

    @property
    def store(self) -> Store:
        """Where deliveries come from and work goes to."""
        return self.desk.store

    async def work(self, stop: asyncio.Event, at_once: int = 8) -> None:
        """Answer deliveries as they come, until ``stop`` is set and those in hand are done."""
        await self.store.consume_deliveries(self.answer, stop, at_once)

    async def answer(self, delivery: DeliveryId) -> timedelta | None:
        """Answer one delivery; return when to come again where that could not be done now."""
        with logs.about(delivery=delivery):
            try:
                letter = await self.store.take_delivery(delivery, _LEASE)
                if letter is None:
                    return None
                came = await self._answered(letter)
                await self.store.finish_delivery(letter, came.result, came.reason)
            except Retryable as error:
                _log.warning("the store went away over a delivery", why=str(error))
                return self.pause
            return max(self._pause(letter), came.rest) if came.result is Result.WAITING else None

    def _pause(self, letter: Letter) -> timedelta:
        grown: timedelta = self.pause * 4 ** min(letter.waits, 16)
        return min(grown, LONGEST_PAUSE)

    async def _answered(self, letter: Letter) -> _Came:
        """Return what came of a delivery, whatever happens in its event's answer; people are told where it failed for good."""
        event = self.events.get(letter.event)
        said = Delivery(letter.id, letter.event, letter.action, opened(letter))
        if event is None or not event.wants(said):
            return _Came(Result.UNWANTED)
        came = await self._tried(event, said, letter)
        if came.result is Result.WAITING and letter.age >= PATIENCE:
            came = _Came(Result.FAILED, came.reason)
        return await self._told(event, said, came, letter) if came.result is Result.FAILED else came

    async def _tried(self, event: Event, said: Delivery, letter: Letter) -> _Came:
        deaths = letter.attempts - 1 - letter.waits
        if deaths >= MOST_DEATHS:
            return _Came(Result.FAILED, f"{deaths} processes died over it")
        try:
            async with asyncio.timeout(self.seconds):
                await event.answer(said, self.desk)
        except UserError as error:
            _log.info("a delivery was refused", event_name=letter.event, why=str(error))
            return _Came(Result.REFUSED, str(error))
        except (Retryable, TimeoutError) as error:
            why = str(error) or f"out of time after {self.seconds:g} s"
            _log.warning("a delivery has to wait", event_name=letter.event, why=why, tries=letter.attempts)
            rest = timedelta(seconds=error.after if isinstance(error, Retryable) else 0.0)
            return _Came(Result.WAITING, why, rest)
        except Exception as error:  # noqa: BLE001 - whatever an answer raises, the delivery must end in words
            _log.exception("a delivery failed", event_name=letter.event)
            return _Came(Result.FAILED, f"{type(error).__name__}: the log has it whole under delivery {letter.id}")
        return _Came(Result.ANSWERED)

    async def _told(self, event: Event, said: Delivery, came: _Came, letter: Letter) -> _Came:
        """Tell who asked that it failed; where that does not get through either, the delivery comes again for some time."""
        try:
            async with asyncio.timeout(self.seconds):
                where = await event.asked_in(said, self.desk)
                if where is not None:
                    repository = await self.desk.repository(where.installation, where.repo)
                    await issues.add_labels(repository, where.number, NEEDS_HUMAN)
                    await say_once(repository, where.number, f"pawl:lost:{said.id}", messages.lost(came.reason, said.id))
        except UserError as error:
            _log.warning("nobody can be told of a delivery that failed", event_name=letter.event, why=str(error))
        except (Retryable, TimeoutError) as error:
            _log.warning("telling of a delivery that failed has to wait", event_name=letter.event, why=str(error))
            return came if letter.age >= 2 * PATIENCE else _Came(Result.WAITING, came.reason)
        return came
