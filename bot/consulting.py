"""Models for runs: the seats of the environment, connected once a process, and for each run an asker within its budget.

An endpoint that does not tell its models takes nothing down that needs none: the askers of that time say so when they are asked,
and the next run tries again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bot import logs
from bot.config import Config
from bot.errors import Refused
from bot.ids import RunId
from bot.llm.asking import Answer, Ask, Asker, Duty, NoAnswer, Usage
from bot.llm.bridge import ThreadAsker
from bot.llm.budget import Budget
from bot.llm.health import Health, Watch
from bot.llm.journal import Call, Switch
from bot.llm.router import Router
from bot.run import OPEN, Instruction, Run
from bot.seats import Seats, seats_of
from bot.settings import Settings
from bot.store.caps import QUESTIONS
from bot.store.completions import Completions, Purse

_PATIENCE: Final = 15.0
"""Seconds for endpoints to tell their models."""

_log = logs.get(__name__)


@dataclass(frozen=True)
class StoreJournal:
    """A run's journal (see :class:`bot.llm.journal.Journal`), kept in the store: what was spent survives the process."""

    completions: Completions
    run: RunId
    purses: tuple[Purse, ...] = ()
    """What the run shares with others."""

    async def spent(self) -> Usage:
        """Return what the run has spent so far, calls under way included; its money is that of the calls of known price."""
        return await self.completions.spent(self.run, known=True)

    async def begun(self, call: Call) -> int:
        """Write down a call that is about to go out, with what it may cost at most; return its number; raises OverBudget."""
        return await self.completions.begun(self.run, call, self.purses)

    async def called(self, number: int, call: Call) -> None:
        """Write down how a call that was begun has ended."""
        await self.completions.called(self.run, number, call)

    async def switched(self, switch: Switch) -> None:
        """Write down that one seat was given up for another."""
        await self.completions.switched(self.run, switch)


@dataclass(frozen=True)
class Unreached:
    """An asker (see :class:`bot.llm.asking.Asker`) for a time at which no endpoint told its models: it says why."""

    why: str
    endpoints: tuple[str, ...]

    def ask(self, question: Ask) -> Answer:
        """Raise NoAnswer with the reason."""
        raise NoAnswer(f"no model could be asked for the {question.duty.value.replace('_', ' ')}: {self.why}")

    def authors(self, duty: Duty) -> tuple[str, ...]:  # noqa: ARG002 - whoever would answer is not known for any
        """Return the endpoints, whose models nobody knows yet."""
        return tuple(f"{name}:unknown" for name in self.endpoints)


class Consulting:
    """What a process has of models; get one from :func:`consulting`."""

    def __init__(self, settings: Settings, completions: Completions) -> None:
        self._settings = settings
        self._completions = completions
        self._watch = Watch(time.monotonic)
        self._seats: Seats | None = None
        self._last = ""
        self._turn = asyncio.Lock()

    async def connect(self) -> Seats | str:
        """Return who answers, or why nobody knows it at the moment; asked again once it could be known.

        Raises:
            InputError: the environment is wrong.
        """
        async with self._turn:
            if self._seats is None:
                try:
                    async with asyncio.timeout(_PATIENCE):
                        self._seats = await seats_of(self._settings)
                except TimeoutError:
                    return self._warned(f"no endpoint told its models within {_PATIENCE:.0f} s: name models in PAWL_MODELS")
                except Refused as error:
                    return self._warned(str(error))
            return self._seats

    @asynccontextmanager
    async def asking(self, run: Run, config: Config) -> AsyncIterator[Asker | None]:
        """Give who asks models on behalf of a run, until it is left; None where none is configured.

        Raises:
            InputError: the environment is wrong.
        """
        seats = await self.connect()
        if isinstance(seats, str):
            yield Unreached(seats, tuple(name for name, _, _ in self._settings.endpoints))
            return
        if not any(seats.by_duty.values()):
            yield None
            return
        asker = ThreadAsker(self._router(seats, run, config), asyncio.get_running_loop())
        try:
            yield asker
        finally:
            await asker.close()

    def health(self) -> tuple[Health, ...]:
        """Return how each provider has been doing since the process began."""
        return self._watch.health()

    async def close(self) -> None:
        """Let the connections go."""
        if self._seats is not None:
            await self._seats.close()

    def _warned(self, why: str) -> str:
        """Return why nobody can be asked, logged where it was not the last time, too."""
        if why != self._last:
            _log.warning("no model can be asked", why=why)
        self._last = why
        return why

    def _router(self, seats: Seats, run: Run, config: Config) -> Router:
        journal = StoreJournal(self._completions, run.id, tuple(_purses(run.instruction, self._settings)))
        return Router(seats.by_duty, budget_of(config), journal, watch=self._watch)


@asynccontextmanager
async def consulting(settings: Settings, completions: Completions) -> AsyncIterator[Consulting]:
    """Have models for as long as the process works.

    Raises:
        InputError: the environment is wrong.
    """
    opened = Consulting(settings, completions)
    try:
        await opened.connect()
        yield opened
    finally:
        await opened.close()


def budget_of(config: Config) -> Budget:
    """Return what one run may spend on models."""
    most = config.budget
    return Budget(
        most.tokens, most.money, most.model_calls, raised_by="budget.tokens, .money or .model_calls in .github/pawl.yml"
    )


def _purses(wish: Instruction, found: Settings) -> Iterator[Purse]:
    """Yield what a run shares a day's money with."""
    everybody, day, here = "everybody together", "PAWL_MONEY_PER_DAY", "PAWL_MONEY_PER_REPOSITORY"
    yield Purse(_purse(found.money_per_day, everybody, day))
    origin = wish.origin
    if origin is None:
        return
    yield Purse(_purse(found.money_per_user, f"@{wish.requester}", "PAWL_MONEY_PER_USER"), user=origin.requester)
    yield Purse(_purse(found.money_per_repository, wish.repo, here), repository=origin.repository)
    if wish.inquiry in OPEN:
        yield Purse(_share(found.money_per_repository, wish.repo, here), repository=origin.repository, questions=True)
        yield Purse(_share(found.money_per_day, everybody, day), questions=True)


def _purse(money: float, whose: str, setting: str) -> Budget:
    return Budget(money=money, whose=f"{whose} within 24 hours", raised_by=setting)


def _share(money: float, whose: str, setting: str) -> Budget:
    return _purse(money * QUESTIONS, f"{whose} for questions", setting)


def in_words(seats: Seats) -> str:
    """Return in one line which models answer for which duty, without keys, and of which of them nobody knows the price."""
    by_order: dict[tuple[str, ...], list[str]] = {}
    for duty in Duty:
        authors = tuple(seat.author for seat in seats.by_duty.get(duty, ()))
        by_order.setdefault(authors, []).append(duty.value.replace("_", " "))
    if list(by_order) == [()]:
        return "none configured: set OPENAI_API_KEY or ANTHROPIC_API_KEY, or PAWL_ENDPOINTS; everything but models works without"
    said = [f"{', '.join(duties)}: {' > '.join(authors) or 'nobody'}" for authors, duties in by_order.items()]
    free = dict.fromkeys(seat.author for each in seats.by_duty.values() for seat in each if seat.price is None)
    warning = f"no price is known of {', '.join(free)}, so no cap in money holds it: set PAWL_PRICES=model=input/output"
    return "; ".join([*said, *([warning] if free else [])])
