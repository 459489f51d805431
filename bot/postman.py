"""The postman: takes webhook deliveries out of the store and has each answered by its event's file, once in effect.

===============  =====================================================================================
answered         done
a UserError      ``refused``: trying again would not help, the reason is kept
Retryable        given back, to be tried again with growing pauses; after five times ``failed``
out of time      the same
anything else    ``failed``: the reason names the error, the log has it whole
===============  =====================================================================================

A delivery that failed is tried afresh when GitHub is asked to send it again.
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
from bot.ids import DeliveryId
from bot.store.deliveries import Letter, Result, opened
from bot.webhook import Event

if TYPE_CHECKING:
    from bot.store.store import Store

MOST_TRIES: Final = 6
"""The first one and five repetitions."""
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
    """Before the first repetition; each later one is four times as long: the last comes some eleven minutes after the first."""
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
            return max(self.pause * 4 ** (letter.attempts - 1), came.rest) if came.result is Result.WAITING else None

    async def _answered(self, letter: Letter) -> _Came:
        """Return what came of the event's answer, whatever happens in it."""
        event = self.events.get(letter.event)
        said = Delivery(letter.id, letter.event, letter.action, opened(letter))
        if event is None or not event.wants(said):
            return _Came(Result.UNWANTED)
        if letter.attempts > MOST_TRIES:
            return _Came(Result.FAILED, f"{letter.attempts - 1} processes died over it")
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
            return _Came(Result.FAILED if letter.attempts >= MOST_TRIES else Result.WAITING, why, rest)
        except Exception as error:  # noqa: BLE001 - whatever an answer raises, the delivery must end in words
            _log.exception("a delivery failed", event_name=letter.event)
            return _Came(Result.FAILED, f"{type(error).__name__}: the log has it whole under delivery {letter.id}")
        return _Came(Result.ANSWERED)
