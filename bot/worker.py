"""The worker: claim a run, call its stage, write the outcome in one transaction, until it ends or waits for a person.

Whatever a stage raises becomes an outcome here, so every run ends in words:

=================  ==============================================================
a UserError        ``refused``, the reason is the error's text
Hindered, no room  put back like Retryable on GitHub; on a laptop the run stays as it stands until the machine is mended
Retryable          tried again a few times with growing pauses, then ``failed``; a run from GitHub, which nobody sits and
                   waits for, is put back first, five times with rests up to twenty minutes
anything else      ``failed``, the reason names the error, the log has it whole
out of time        ``refused``: the run's wall-time budget is used up
=================  ==============================================================

A worker that is interrupted gives its claim back and leaves the run as it stood: another one goes on from there.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import stamina

from bot import logs
from bot.errors import TOO_DEEP, Busy, Fatal, Hindered, Refused, Retryable, UserError, hindrance
from bot.ids import RunId
from bot.run import WAITING, WORKED, Instruction, Run, State
from bot.stage import Stage, Tools
from bot.store.runs import Claim, Transition
from bot.store.store import Store

if TYPE_CHECKING:
    from bot.store.heartbeat import Interrupted

ToolsFor = Callable[[Run], Awaitable[Tools]]
"""Gives the tools for a run's present stage, with the run's history up to it."""

MOST_DEATHS = 5
"""Workers that may die over one stage before the queue gives the run up; a person may still resume it."""

LONGEST_LOOK = 120.0
"""Seconds that a look at what a sleeping run waits for may take; they are not the run's own."""

_FIRST_REST = timedelta(seconds=5)
"""How long a run from GitHub rests when it was put back for the first time; each later rest is four times as long."""
_REST_ASLEEP = timedelta(minutes=1)
"""How long after a look that did not get through a sleeping run is looked at again."""

_log = logs.get(__name__)
T = TypeVar("T")


class PutBack(Retryable):
    """A run that could not go on now: it stands where it stood, to be taken up again after a rest."""

    def __init__(self, why: str, rest: timedelta) -> None:
        super().__init__(why)
        self.rest = rest


def _first(wish: Instruction) -> State:
    """Return where the work on an instruction begins."""
    if wish.inquiry is not None:
        return State.ANSWERING
    if wish.reverts is not None:
        return State.CHANGING
    return State.CHECKING if wish.head else State.PLANNING


async def _never(_run: Run) -> None:
    """No brake is pulled."""


@dataclass
class Worker:
    """Drives runs through their stages."""

    store: Store
    tools_for: ToolsFor
    stages: Mapping[State, Stage]
    told: Callable[[Run], None] = field(default=lambda _run: None)
    """Hears of every transition after it was written."""
    braked: Callable[[Run], Awaitable[str | None]] = _never
    """Says why a run is stopped by an emergency; asked before each stage that works. What waits sees to that itself."""
    pause: float = 0.5
    """Seconds before the first repetition after a Retryable; it doubles."""
    repetitions: int = 3
    left: Callable[[RunId], Awaitable[None]] | None = None
    """Hears that this worker is about to leave a run that it had; it still has it then."""

    async def drive(self, run_id: RunId, most_attempts: int = sys.maxsize) -> Run:
        """Work on a run until it ends or waits for a person; return it as it stands then.

        Where more than ``most_attempts`` workers died over its present stage, it fails.

        Raises:
            Busy: somebody else has the run, or works on another one of its repository.
            InputError: there is no such run.
            Retryable: the store went away; nothing is lost.
        """
        with logs.about(run=run_id):
            for _ in range(self.repetitions):
                async with self._claimed(run_id) as held:
                    if held is None:
                        return await self.store.get(run_id)
                    done = await self._walk(held, most_attempts)
                if done is not None:
                    return done
                _log.warning("the claim was lost; taking it again")
            raise Retryable(f"run {run_id} was lost to other workers {self.repetitions} times: look at it again later")

    async def work(self, stop: asyncio.Event, at_once: int = 2, sweep_every: float = 30.0) -> None:
        """Take runs from the queue as they come, until ``stop`` is set and the runs in hand have ended.

        Cancelling this call instead gives them back at once, as they stand.
        """
        sweeping = asyncio.create_task(self._sweep(sweep_every))
        try:
            await self.store.consume(self._job, stop, at_once)
        finally:
            sweeping.cancel()

    async def _job(self, run_id: RunId) -> timedelta | None:
        """Do one job of the queue; return when to come again where the run could not be had."""
        try:
            await self.drive(run_id, MOST_DEATHS)
        except PutBack as error:
            _log.warning("the run was put back", run=run_id, why=str(error), seconds=error.rest.total_seconds())
            return error.rest
        except (Busy, Retryable) as error:
            _log.info("the run has to wait", run=run_id, why=str(error))
            return timedelta(seconds=5)
        except UserError as error:
            _log.warning("a job names no run that can be worked on", run=run_id, why=str(error))
        return None

    async def _sweep(self, every: float) -> None:
        while True:
            try:
                missing = await self.store.sweep()
            except Retryable as error:
                _log.warning("the sweep has to wait", why=str(error))
            else:
                if missing:
                    _log.warning("runs had lost their jobs", missing=missing)
            await asyncio.sleep(every)

    @asynccontextmanager
    async def _claimed(self, run_id: RunId) -> AsyncIterator[Claim | None]:
        held = await self.store.claim(run_id)
        try:
            yield held
        finally:
            if held is not None:
                if self.left is not None:  # before anybody else can have the run, in this process or another
                    await self.left(run_id)
                with suppress(Retryable):  # then the lease ends by itself
                    await self.store.release(held)

    async def _walk(self, held: Claim, most_attempts: int) -> Run | None:
        """Call stage after stage; None where the claim was lost on the way."""
        async with self.store.beating(held) as interrupted:
            woken = held.run.state in WAITING and held.run.state in self.stages
            while held.run.state in WORKED or woken:
                woken = False
                started = time.monotonic()
                done = await self._interruptible(self._transition(held, most_attempts), interrupted, held.run)
                if done is not None and done.to is held.run.state:
                    return await self._still_waiting(held, done.reason)
                after = None if done is None else await self._commit(held, replace(done, seconds=time.monotonic() - started))
                if after is None:
                    return None
                held = after
                _log.info("transition", state=held.run.state.value, round=held.run.round, reason=held.run.reason)
                self.told(held.run)
        return held.run

    async def _still_waiting(self, held: Claim, reason: str) -> Run | None:
        """Return a run that goes on waiting, its reason told where it is another; None where the claim was lost."""
        if reason == held.run.reason:
            return held.run
        kept = await self._again(lambda: self.store.remark(held, reason))
        return replace(held.run, reason=reason) if kept else None

    async def _interruptible(
        self, work: Coroutine[None, None, Transition], interrupted: Interrupted, run: Run
    ) -> Transition | None:
        """Await ``work``; where the run is cancelled or lost meanwhile, stop it."""
        task = asyncio.create_task(work)
        waiting: set[asyncio.Future[Any]] = {task, interrupted}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
        why = interrupted.result()
        if why is None:
            return None
        return Transition(State.STOPPED if await self._again(lambda: self.braked(run)) else State.CANCELLED, why)

    async def _transition(self, held: Claim, most_attempts: int) -> Transition:
        """Return what comes of the present stage, whatever happens in it."""
        run = held.run
        known = await self._without_a_stage(held, most_attempts)
        if known is not None:
            return known
        try:
            return await self._again(lambda: self._stage(held))
        except Hindered as error:
            raise _stuck(held, error) from error
        except UserError as error:
            return Transition(State.REFUSED, str(error), kind=type(error).__name__)
        except Retryable as error:
            if run.state in WAITING or run.instruction.origin is not None:
                raise _put_back(held, error) from error
            return self._failed(run, error)
        except Exception as error:
            if (lacking := hindrance(error)) is not None:
                raise _stuck(held, lacking) from error
            return self._failed(run, error)

    async def _without_a_stage(self, held: Claim, most_attempts: int) -> Transition | None:
        """Return where the run goes without a stage being asked; None where one has to be."""
        run = held.run
        if held.attempts > most_attempts:
            why = f"{most_attempts} tries while {run.state} came to nothing: look at the log, then ask again"
            return Transition(State.FAILED, why, kind=Retryable.__name__)
        if run.state in WAITING:
            return None
        stopped = await self._again(lambda: self.braked(run))
        if stopped is not None:
            return Transition(State.STOPPED, stopped)
        if run.state is State.RECEIVED:
            return Transition(_first(run.instruction), "taken up")
        return None

    @staticmethod
    def _failed(run: Run, error: Exception) -> Transition:
        _log.error("a stage failed", state=run.state.value, exc_info=error)
        found = f"{TOO_DEEP}; " if isinstance(error, RecursionError) else ""
        why = f"{found}{type(error).__name__} while {run.state}: the log has it whole under run {run.id}"
        return Transition(State.FAILED, why, kind=type(error).__name__)

    async def _stage(self, held: Claim) -> Transition:
        run = held.run
        stage = self.stages.get(run.state)
        if stage is None:
            raise Fatal(f"this installation has no stage for runs that are {run.state}")
        tools = await self.tools_for(run)
        budget = tools.config.budget.seconds
        too_late = f"out of time while {run.state}: this run may work for {budget:g} s; raise budget.seconds, or ask for less"
        left = budget - held.worked if run.state in WORKED else LONGEST_LOOK
        if left <= 0:
            raise Refused(too_late)
        try:
            async with asyncio.timeout(left) as limit:
                outcome = await stage.run(run, tools)
        except TimeoutError as error:
            if not limit.expired():
                raise
            if run.state in WAITING:
                raise Retryable(f"what run {run.id} waits for could not be looked at in time") from error
            raise Refused(too_late) from error
        kind = "Refused" if outcome.next is State.REFUSED else ""
        return Transition(outcome.next, outcome.reason, outcome.output, kind)

    async def _commit(self, held: Claim, done: Transition) -> Claim | None:
        """Write the transition; where it cannot be written at all, the run fails instead."""
        try:
            return await self._again(lambda: self.store.commit(held, done))
        except Fatal as error:
            _log.exception("an outcome could not be written", state=held.run.state.value)
            why = f"{type(error).__name__} after {held.run.state}: the log has it whole under run {held.run.id}"
            failed = Transition(State.FAILED, why, kind=type(error).__name__, seconds=done.seconds)
            return await self._again(lambda: self.store.commit(held, failed))

    async def _again(self, call: Callable[[], Awaitable[T]]) -> T:
        """Return what the call gives, tried again a few times where it raises Retryable."""
        retrying = stamina.AsyncRetryingCaller(
            attempts=self.repetitions, timeout=None, wait_initial=self.pause, wait_max=30.0, wait_jitter=self.pause
        )
        return await retrying(Retryable, call)


def _stuck(held: Claim, error: Hindered) -> Hindered | PutBack:
    """Return how a run stays as it stands until the machine is mended: whoever sits there goes on with it, or it rests."""
    if held.run.instruction.origin is not None:
        return _put_back(held, error)
    return Hindered(f"{error}; then go on by `pawl run --resume {held.run.id}`")


def _put_back(held: Claim, error: Retryable | Hindered) -> PutBack:
    """Return how long a run rests after something did not get through."""
    asleep = held.run.state in WAITING
    rest = _REST_ASLEEP if asleep else _FIRST_REST * 4 ** max(0, held.attempts - 1)
    after = error.after if isinstance(error, Retryable) else 0.0
    return PutBack(str(error), max(rest, timedelta(seconds=after)))
