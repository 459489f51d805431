"""The router: asks the seats of a duty in order until one gives a usable answer, within the run's budget.

::

    for each seat                                    what is avoided comes last
      for each round                                 tools, and one each to mend an answer that does not fit or was cut
        for each try                                 pauses with full jitter; Retry-After, of whatever run it was told
          budget? breaker? journal                   at its most, and not beyond what the run shares with others
          ── call ── journal                         one at a time
      no usable answer: journal the switch           never a silent fallback

One router serves one run; its :class:`~bot.llm.health.Watch` is shared by all runs of the process.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from bot import logs
from bot.capability import mismatch
from bot.errors import UserError
from bot.llm.asking import Answer, Ask, Duty, NoAnswer, OverBudget, Tool, Usage
from bot.llm.breaker import Admission
from bot.llm.budget import Budget, tokens_in, why_not
from bot.llm.conversation import Conversation, characters, mending, opened, stretched, with_tools
from bot.llm.failure import clipped
from bot.llm.health import Watch
from bot.llm.hostile import new_canary, new_nonce
from bot.llm.journal import UNDER_WAY, Call, Journal, Switch
from bot.llm.patience import OverLong, Patience, billed, pause, speaks_against
from bot.llm.prices import cost
from bot.llm.provider import Completion, Failure, FailureKind, Request, ToolCall
from bot.llm.seat import Seat
from bot.llm.verdict import Verdict, Worth, most_characters, verdict

_MOST_COUNT: Final = 10**12
"""Tokens that a call can have used: what an endpoint claims beyond is no count."""
_MOST_AT_ONCE: Final = 16
"""Tool calls that one round may hold."""
PATIENCE: Final = Patience()
_THREADS: Final = ThreadPoolExecutor(4, "models")
"""Its own ones: the loop's are full of those who wait for answers, and looking through an answer would wait for them."""
_TOOLS: Final = ThreadPoolExecutor(4, "tools")
"""Tools have theirs: a slow one keeps no answer waiting, and is not waited for itself."""

_log = logs.get(__name__)
T = TypeVar("T")


class _GivenUp(Exception):
    """A seat that has no usable answer."""


@dataclass(frozen=True)
class Fate:
    """What a router leaves to the world: time, chance and secrets."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random
    nonce: Callable[[], str] = new_nonce
    canary: Callable[[], str] = new_canary


WORLD: Final = Fate()


class Router:
    """Asks models on behalf of one run, on one event loop."""

    def __init__(  # noqa: PLR0913 - who may answer, within what, told to whom
        self,
        seats: Mapping[Duty, tuple[Seat, ...]],
        budget: Budget,
        journal: Journal,
        *,
        watch: Watch | None = None,
        patience: Patience = PATIENCE,
        fate: Fate = WORLD,
    ) -> None:
        self._seats = seats
        self._budget = budget
        self._journal = journal
        self._watch = watch or Watch(fate.clock)
        self._patience = patience
        self._fate = fate
        self._nonce, self._canary = fate.nonce(), fate.canary()
        self._turn = asyncio.Lock()

    def authors(self, duty: Duty) -> tuple[str, ...]:
        """Return who may answer for a duty, in order, as ``provider:model``."""
        return tuple(seat.author for seat in self._seats.get(duty, ()))

    async def ask(self, question: Ask) -> Answer:
        """Return the first usable answer of the duty's seats; those whose author is to be avoided come last.

        Raises:
            NoAnswer: none gave one; the sentence names each and why.
            OverBudget: the next call would go beyond what the run, or somebody it belongs to, may spend.
            Retryable: the journal could not be written.
        """
        seats = sorted(self._seats.get(question.duty, ()), key=lambda seat: seat.author in question.avoid)
        if not seats:
            raise NoAnswer(f"no model is configured for the {_named(question.duty)}: set PAWL_MODELS, or a key for a vendor")
        gone: list[str] = []
        for seat, following in zip(seats, (*seats[1:], None), strict=True):
            try:
                return await self._from(seat, question)
            except _GivenUp as error:
                gone.append(f"{seat.author}: {error}")
                _log.warning("a model gave no usable answer", duty=question.duty.value, author=seat.author, why=str(error))
                if following is not None:
                    await self._journal.switched(Switch(question.duty, seat.author, following.author, str(error)))
            except OverBudget as error:
                raise OverBudget("; ".join((str(error), *(f"before that, {each}" for each in gone)))) from None
        raise NoAnswer(f"no model gave a usable answer for the {_named(question.duty)} ({'; '.join(gone)}): {_advice(gone)}")

    async def _from(self, seat: Seat, question: Ask) -> Answer:
        """Return one seat's answer; raises _GivenUp where it has none."""
        talk = await _in_thread(opened, question, self._nonce, self._canary)  # hostile floods take seconds
        usage = Usage()
        while True:
            try:
                said, found, used = await self._said(seat, talk)
            except OverBudget as error:
                if not talk.stretched:
                    raise
                raise _GivenUp(f"its answer was cut, and there is no room for a longer one: {error}") from None
            usage += used
            if found.worth is Worth.ANSWER:
                return Answer(said.text, found.data, seat.author, usage)
            if found.worth is Worth.USELESS:
                raise _GivenUp(found.why)
            talk = await self._going_on(talk, said, found)

    async def _going_on(self, talk: Conversation, said: Completion, found: Verdict) -> Conversation:
        """Return the conversation after what is no answer yet: with more room, what does not fit, or what the tools say."""
        if found.worth is Worth.CUT:
            return stretched(talk)
        if found.worth is Worth.MENDABLE:
            return mending(talk, said, found.why)
        seconds = self._patience.tool_seconds
        used = [(call, await _used(call, at, talk.question, seconds)) for at, call in enumerate(said.calls)]
        return await _in_thread(with_tools, talk, said, used)

    async def _said(self, seat: Seat, talk: Conversation) -> tuple[Completion, Verdict, Usage]:
        """Return what a seat says next, tried several times; raises _GivenUp."""
        request = talk.request(seat.model)
        tried, used = 0, Usage()
        while True:
            tried += 1
            wish = self._watch.wish(seat.provider.name)
            if 0 < wish <= self._patience.longest_wait:
                await self._fate.sleep(wish)
            async with self._turn:
                said = await self._call(seat, request, talk)
            if not isinstance(said, _Failed):
                return said.completion, said.verdict, used + said.usage
            used += said.usage
            rest = pause(said.failure, tried, self._patience, self._fate.chance)
            if rest is None:
                times = f", after {tried} tries" if tried > 1 else ""
                raise _GivenUp(f"{said.failure.kind}: {clipped(said.failure.said, '')}{times}")
            await self._fate.sleep(rest)

    async def _call(self, seat: Seat, request: Request, talk: Conversation) -> _Heard | _Failed:
        """Let one call go out, if budget and breaker allow it, and write it down whatever comes of it."""
        sent = tokens_in(characters(request))
        end = _End(_usage(seat, sent, request.most_output))
        turn, number = await self._begin(seat, talk, end.usage)
        listening = _Listening(most_characters(request.most_output))
        began = self._fate.clock()
        try:
            said = await self._complete(seat, request, listening)
            end.good, end.usage = True, _counted(seat, said, sent)
            found = await _in_thread(verdict, said, talk, self._patience.rounds)  # a long answer takes 0.2 s
            end.outcome, end.why = _in_words(found)
        except Failure as failure:
            lost = _usage(seat, *billed(failure, sent, request.most_output, listening.heard))
            end.good, end.usage, end.outcome, end.why = speaks_against(failure), lost, failure.kind.value, failure.said
            end.after = failure.after
            return _Failed(failure, lost)
        except asyncio.CancelledError:
            end.outcome, end.why = "given up", "nobody waits for the answer any more"
            raise
        finally:
            self._watch.heard(seat.provider.name, turn, good=end.good, after=end.after)
            await self._note(number, seat, talk, end, self._fate.clock() - began)
        return _Heard(said, found, end.usage)

    async def _begin(self, seat: Seat, talk: Conversation, most: Usage) -> tuple[int, int]:
        """Return a call's turn at the breaker and its number in the journal, which counts it at its most from now on.

        Raises:
            OverBudget: it would go beyond the run's budget, or beyond what the run shares with others.
            _GivenUp: its provider is not to be asked now.
        """
        why = why_not(self._budget, await self._journal.spent(), most)
        if why:
            raise OverBudget(why)
        provider = seat.provider.name
        admission = self._watch.admit(provider)
        if admission.turn is None:
            raise _GivenUp(_why_not_now(admission))
        number = 0
        try:
            number = await self._journal.begun(Call(talk.question.duty, provider, seat.model, most, 0.0, UNDER_WAY))
        finally:
            if not number:  # it does not go out
                self._watch.heard(provider, admission.turn, good=None)
        return admission.turn, number

    async def _complete(self, seat: Seat, request: Request, listening: _Listening) -> Completion:
        try:
            async with asyncio.timeout(self._patience.call_seconds):
                said = await seat.provider.complete(request, listening)
        except TimeoutError:
            raise Failure(FailureKind.TIMEOUT, f"no whole answer within {self._patience.call_seconds:.0f} s") from None
        return replace(said, text=said.text.encode("utf-8", "replace").decode())  # lone surrogates cannot be kept anywhere

    async def _note(self, number: int, seat: Seat, talk: Conversation, end: _End, seconds: float) -> None:
        bad = end.outcome not in {Worth.ANSWER, Worth.TOOLS}
        self._watch.counted(seat.provider.name, end.usage, seconds, end.outcome if bad else "")
        call = Call(talk.question.duty, seat.provider.name, seat.model, end.usage, seconds, end.outcome, clipped(end.why, ""))
        await self._journal.called(number, call)


@dataclass
class _End:
    """How a call ended: as nobody foresaw it, at its most, until something better is known."""

    usage: Usage
    outcome: str = "broke"
    why: str = "something in Pawl itself broke while it was asked"
    good: bool | None = None
    """What it says of the provider's health."""
    after: float | None = None
    """Seconds for which the provider asks to be left alone."""


@dataclass(frozen=True)
class _Heard:
    completion: Completion
    verdict: Verdict
    usage: Usage


@dataclass(frozen=True)
class _Failed:
    failure: Failure
    usage: Usage


@dataclass
class _Listening:
    """Counts what comes in, and stops listening to what never ends."""

    most: int
    heard: int = 0

    def __call__(self, characters_so_far: int) -> None:
        self.heard = max(self.heard, characters_so_far)
        if self.heard > self.most:
            raise OverLong(self.most)


def _why_not_now(admission: Admission) -> str:
    when = f"for {admission.wait:.0f} s more" if admission.wait else "while it is being tried"
    return f"its provider {'asks to be' if admission.asked else 'failed too often and is'} left alone {when}"


def _in_words(found: Verdict) -> tuple[str, str]:
    """Return a completion's outcome, and more of what is wrong with it."""
    if found.worth is Worth.USELESS:
        return found.why, ""
    return found.worth.value, found.why if found.worth in {Worth.MENDABLE, Worth.CUT} else ""


def _counted(seat: Seat, said: Completion, sent: int) -> Usage:
    """Return what a call cost by what the vendor says, or by estimate where it says nothing."""
    written = len(said.text) + sum(len(call.raw) for call in said.calls)
    input_ = min(said.input, _MOST_COUNT) if said.input > 0 else sent
    output = min(said.output, _MOST_COUNT) if said.output > 0 else tokens_in(written)
    return _usage(seat, input_, output, max(0, min(said.cached, input_)))


def _usage(seat: Seat, sent: int, given: int, cached: int = 0) -> Usage:
    return Usage(sent, given, cached, cost(seat.price, sent, given, cached), 1)


async def _used(call: ToolCall, at: int, question: Ask, seconds: float) -> str:
    """Return what a tool answers, or why it does not: a model may use what its question offers, as it is offered, and no more."""
    tool: Tool | None = next((each for each in question.tools if each.name == call.name), None)
    if tool is None:
        return f"there is no such tool: use one of {', '.join(each.name for each in question.tools) or 'none'}"
    if at >= _MOST_AT_ONCE:
        return f"only {_MOST_AT_ONCE} tools can be used at once: ask again"
    if call.arguments is None:
        return "the arguments are no JSON object: write them again"
    problem = mismatch(dict(call.arguments), tool.takes)
    if problem:
        return f"the arguments do not fit: {problem}"
    return await _done(tool, call.arguments, seconds)


async def _done(tool: Tool, arguments: Mapping[str, Any], seconds: float) -> str:
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.get_running_loop().run_in_executor(_TOOLS, tool.call, arguments)
    except TimeoutError:
        return f"it cannot be done: it takes longer than {seconds:g} seconds: ask for less"
    except UserError as error:
        return f"it cannot be done: {error}"


async def _in_thread(call: Callable[..., T], *given: Any) -> T:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, call, *given)


def _advice(gone: list[str]) -> str:
    """Return what to do where nobody answered; ``gone`` are the reasons, each behind its author."""
    if all(f": {FailureKind.DENIED}: " in each for each in gone):
        return "set a key that may use the model, or name other models in PAWL_MODELS"
    return "try again later, or name other models in PAWL_MODELS"


def _named(duty: Duty) -> str:
    return duty.value.replace("_", " ")
