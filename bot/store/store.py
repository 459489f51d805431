"""The store as the rest of Pawl sees it: runs, what their stages made, and the ledger, behind one object.

``async with open_store(…) as store`` starts the embedded Postgres where no other is named, and brings the schema up to date.
Every method raises Retryable where the database does not answer, and UserError where a person must mend something.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.history import History, Suspect
from bot.ids import DeliveryId, InstallationId, PullNumber, RepoName, RunId, new_run_id
from bot.ledger.entry import Entry, Fact, Head, Problem, verify
from bot.run import Instruction, Run, State
from bot.settings import Settings
from bot.store import answers, chores, deliveries, heartbeat, jobs, ledger, listing, outputs, pulls, remarks, runs
from bot.store import connection as connections
from bot.store.approvals import Approvals
from bot.store.batch import Batch
from bot.store.brakes import Brakes
from bot.store.caps import Caps
from bot.store.completions import Completions
from bot.store.connection import Address, translated
from bot.store.deliveries import Letter, Result
from bot.store.distrust import Distrust
from bot.store.embedded import Place, embedded
from bot.store.holder import Holder, current
from bot.store.holds import Holds
from bot.store.listing import Listed
from bot.store.migration import migrate
from bot.store.moves import Moves
from bot.store.onboardings import Onboardings
from bot.store.replies import Replies
from bot.store.results import Examinations
from bot.store.runs import Claim, Transition
from bot.store.stickies import Stickies

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from bot.store.connection import Connection, Pool
    from bot.store.dispatcher import Drive, Work
    from bot.store.heartbeat import Interrupted

LEASE = timedelta(seconds=10)
"""How long a run stays with a worker that is not heard of."""
NO_CAPS = Caps()
Answer = Callable[[DeliveryId], Awaitable[timedelta | None]]
"""Answers a delivery; returns when to come again where that could not be done."""


class Store:
    """All that is kept; get one from :func:`open_store`."""

    def __init__(
        self, pool: Pool, address: Address, lease: timedelta = LEASE, me: Holder | None = None, most: Caps = NO_CAPS
    ) -> None:
        self._most = most
        self._pool = pool
        self.examinations = Examinations(self._transaction)
        self.stickies = Stickies(self._transaction)
        self.approvals = Approvals(self._transaction)
        self.holds = Holds(self._transaction)
        self.brakes = Brakes(self._transaction)
        self.completions = Completions(self._transaction)
        self.distrust = Distrust(self._transaction)
        self.onboardings = Onboardings(self._transaction)
        self.moves = Moves(self._transaction)
        self.replies = Replies(self._transaction)
        self._address = address
        self._lease = lease
        self._me = me or current()
        self._deliver = Batch(self._receive)

    async def create(self, instruction: Instruction, run_id: RunId, *, alone: bool = True) -> Run:
        """Write down what somebody asked for, as a new run with its job.

        Raises:
            Busy: ``alone`` was asked for and another run of the repository is unfinished.
            InputError: the repository's name cannot be stored.
        """
        run = Run(run_id, instruction, State.RECEIVED, reason="received")
        async with self._transaction() as connection:
            await runs.create(connection, run, alone=alone)
        return run

    async def create_once(self, instruction: Instruction, delivery: DeliveryId, ordinal: int = 0) -> Run:
        """Write down the nth thing that a delivery asks for, as a new run with its job; again, return the earlier run.

        Raises:
            Refused: the person, the repository or everybody together asked for as much as may be in a day.
            InputError: the repository's name cannot be stored.
        """
        async with self._transaction() as connection:
            return await deliveries.create_once(connection, instruction, delivery, ordinal, self._most, new_run_id())

    async def deliver(self, letter: Letter, *, wanted: bool = True) -> bool:
        """Write a webhook delivery down with its job; False where it came before."""
        return await self._deliver((letter, wanted))

    async def _receive(self, letters: Sequence[tuple[Letter, bool]]) -> list[bool]:
        async with self._connection() as connection:
            return await deliveries.receive(connection, letters)

    async def take_delivery(self, delivery: DeliveryId, lease: timedelta) -> Letter | None:
        """Take a delivery to answer it; None where it is answered or in other hands."""
        async with self._connection() as connection:
            return await deliveries.claim(connection, delivery, self._me, lease)

    async def finish_delivery(self, letter: Letter, result: Result, reason: str = "") -> bool:
        """Write what became of a delivery (``WAITING``: give it back); False where the claim was lost."""
        async with self._connection() as connection:
            return await deliveries.finish(connection, letter, result, reason)

    async def delivery_result(self, delivery: DeliveryId) -> tuple[Result, str] | None:
        """Return what became of a delivery, and why; None where it never came."""
        async with self._connection() as connection:
            return await deliveries.result(connection, delivery)

    async def known_deliveries(self, ids: Iterable[DeliveryId]) -> frozenset[DeliveryId]:
        """Return those of the deliveries that came and did not fail."""
        async with self._connection() as connection:
            return await deliveries.known(connection, ids)

    async def made_of(self, delivery: DeliveryId) -> tuple[Run, ...]:
        """Return the runs that a delivery made, in the order of what it asks for."""
        async with self._connection() as connection:
            return await deliveries.made_of(connection, delivery)

    async def prune_deliveries(self) -> int:
        """Forget deliveries of more than a month ago; return how many there were."""
        async with self._transaction() as connection:
            return await deliveries.prune(connection)

    async def chores(self) -> dict[str, datetime]:
        """Return when each of the schedule's chores was last begun, whichever process did it."""
        async with self._connection() as connection:
            return await chores.begun(connection)

    async def take_chore(self, name: str, before: datetime | None, now: datetime) -> bool:
        """Begin a chore that was last begun at ``before``; False where another process was faster."""
        async with self._connection() as connection:
            return await chores.take(connection, name, before, now)

    async def get(self, run_id: RunId) -> Run:
        """Return a run; raises InputError where there is none of that id."""
        async with self._connection() as connection:
            return await runs.get(connection, run_id)

    async def history(self, run_id: RunId) -> History:
        """Return what the run's stages made so far."""
        async with self._connection() as connection:
            return await outputs.history(connection, run_id)

    async def listed(self, repo: RepoName | None = None, most: int = 50) -> tuple[Listed, ...]:
        """Return the newest runs, of one repository or of all."""
        async with self._connection() as connection:
            return await listing.listed(connection, repo, most)

    async def active(self, repo: RepoName) -> Run | None:
        """Return the repository's oldest unfinished run that does not wait for a person."""
        async with self._connection() as connection:
            return await runs.active(connection, repo)

    async def latest(self, repository: int, number: int) -> tuple[Run, ...]:
        """Return the runs asked for under an issue or pull request of a repository (its id), or that opened it, newest first."""
        async with self._connection() as connection:
            return await listing.latest(connection, repository, number)

    async def pull_of_run(self, run_id: RunId) -> PullNumber | None:
        """Return the pull request that a run proposed; None where it proposed none."""
        async with self._connection() as connection:
            return await pulls.pull_of(connection, run_id)

    async def wake(self, run_id: RunId) -> bool:
        """Have a worker look at a run that waits for a person or the forge; False where it does not wait."""
        async with self._transaction() as connection:
            return await runs.wake(connection, run_id)

    async def suspect(self, bug: str, repo: RepoName, repository: int | None = None) -> Suspect | None:
        """Return a suspected bug as the newest answer that has it tells it; None where none does."""
        async with self._connection() as connection:
            return await answers.suspect(connection, bug, repo, repository)

    async def mending(self, text: str, repo: RepoName, repository: int | None = None) -> str:
        """Return an instruction's text with the words of a suspected bug that it names; raises InputError for an unknown one."""
        async with self._connection() as connection:
            return await answers.mending(connection, text, repo, repository)

    async def asleep(self, repository: int | None = None, number: int | None = None) -> tuple[RunId, ...]:
        """Return the runs that wait for a person or the forge: all, a repository's, or those under one issue or pull request."""
        async with self._connection() as connection:
            return await listing.asleep(connection, repository, number)

    async def wake_all(self, repository: int | None = None, number: int | None = None) -> int:
        """Wake the runs that :meth:`asleep` returns; return how many."""
        async with self._transaction() as connection:
            found = await listing.asleep(connection, repository, number)
            return sum([await runs.wake(connection, each) for each in found])

    async def unfinished(self, installation: InstallationId, repository: int | None = None) -> tuple[Run, ...]:
        """Return an installation's runs that have not ended, of one repository or of all."""
        async with self._connection() as connection:
            return await listing.unfinished(connection, installation, repository)

    async def step(self, run_id: RunId) -> int:
        """Return how many transitions a run has made; raises InputError where there is no such run."""
        async with self._connection() as connection:
            return await listing.step(connection, run_id)

    async def schema(self) -> list[str]:
        """Return the names of the migrations that made the database what it is, in order."""
        async with self._connection() as connection:
            return [row["name"] for row in await connection.fetch("SELECT name FROM migration ORDER BY number")]

    async def ping(self) -> None:
        """Make sure that the database answers; raises Retryable where it does not."""
        async with self._connection() as connection:
            await connection.execute("SELECT 1")

    async def claim(self, run_id: RunId) -> Claim | None:
        """Take a run to work on it; None where it is over.

        Raises:
            Busy: somebody else has it, or another run of its lane.
            InputError: there is no such run.
        """
        async with self._connection() as connection:
            return await runs.claim(connection, run_id, self._me, self._lease)

    def beating(self, held: Claim) -> AbstractAsyncContextManager[Interrupted]:
        """Keep a claim alive; gives a future that is done when work must stop (see :mod:`bot.store.heartbeat`)."""
        return heartbeat.beating(self._address, held, self._lease)

    async def commit(self, held: Claim, done: Transition) -> Claim | None:
        """Write one transition: state, output, ledger entry and job, all or nothing; None where the claim was lost."""
        async with self._connection() as connection:
            return await runs.commit(connection, held, done, self._lease)

    async def remark(self, held: Claim, reason: str) -> bool:
        """Say anew why a claimed run waits, without moving it; False where the claim was lost."""
        async with self._connection() as connection:
            return await remarks.add(connection, held, reason)

    async def release(self, held: Claim) -> None:
        """Give a claim back."""
        async with self._connection() as connection:
            await runs.release(connection, held)

    async def move(self, run_id: RunId, to: State, reason: str, actor: str) -> Run:
        """Move a run that no worker holds, on somebody's word; raises Busy where one does."""
        async with self._connection() as connection:
            return await runs.move(connection, run_id, to, reason, actor)

    async def cancel(self, run_id: RunId, reason: str, actor: str) -> Run:
        """End a run, at once or, where a worker is at it, within a heartbeat."""
        async with self._connection() as connection:
            return await runs.cancel(connection, run_id, reason, actor)

    async def note(self, fact: Fact) -> Entry:
        """Put a fact of its own into the ledger."""
        async with self._transaction() as connection:
            return await ledger.append(connection, fact)

    async def received(self, run_id: RunId) -> str:
        """Return when the run was received, as ISO 8601 in UTC; raises InputError where there is no such run."""
        async with self._connection() as connection:
            return (await runs.created(connection, run_id)).astimezone(UTC).isoformat()

    async def ledger(self, run_id: RunId) -> tuple[dict[str, Any], ...]:
        """Return one run's ledger entries in order, as JSON."""
        async with self._connection() as connection:
            return tuple(entry.as_json() for entry in await ledger.of_run(connection, run_id))

    async def ledger_head(self) -> Head:
        """Return where the chain ends now; sealed into bundles, it shows a cut tail later."""
        async with self._connection() as connection:
            return await ledger.head(connection)

    async def verify_ledger(self, anchors: Iterable[Head] = ()) -> list[Problem]:
        """Return every place where the ledger was tampered with, as far as its chain, its head and ``anchors`` can tell."""
        entries, head = await self._whole_ledger()
        return verify(entries, head, anchors)

    async def sweep(self) -> int:
        """Write jobs that are missing; return how many were."""
        async with self._transaction() as connection:
            return await jobs.sweep(connection) + await deliveries.sweep(connection)

    async def consume(self, drive: Drive, stop: asyncio.Event, at_once: int = 2, *, until_empty: bool = False) -> None:
        """Call ``drive`` for runs that have work, until ``stop`` is set."""
        await self._consume(jobs.ENTRYPOINT, lambda run: drive(RunId(run)), stop, at_once, until_empty=until_empty)

    async def consume_deliveries(
        self, answer: Answer, stop: asyncio.Event, at_once: int = 8, *, until_empty: bool = False
    ) -> None:
        """Call ``answer`` for deliveries that wait, until ``stop`` is set."""
        await self._consume(jobs.DELIVERY, lambda each: answer(DeliveryId(each)), stop, at_once, until_empty=until_empty, batch=4)

    async def consume_notices(self, tell: Drive, stop: asyncio.Event, at_once: int = 8, *, until_empty: bool = False) -> None:
        """Call ``tell`` for every transition of a run that people on GitHub wait for, until ``stop`` is set."""
        await self._consume(jobs.NOTICE, lambda run: tell(RunId(run)), stop, at_once, until_empty=until_empty, batch=4)

    async def _consume(  # noqa: PLR0913 - as the dispatcher's
        self, entrypoint: str, do: Work, stop: asyncio.Event, at_once: int, *, until_empty: bool, batch: int = 1
    ) -> None:
        from bot.store.dispatcher import consume  # noqa: PLC0415 - 0.2 s that only a working process needs

        with translated():
            await consume(self._pool, entrypoint, do, stop, at_once, until_empty=until_empty, batch=batch)

    async def _whole_ledger(self) -> tuple[list[Entry], Head]:
        async with self._transaction(isolation="repeatable_read") as connection:
            return [entry async for entry in ledger.everything(connection)], await ledger.head(connection)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        with translated():
            async with self._pool.acquire(timeout=30) as connection:
                yield connection

    @asynccontextmanager
    async def _transaction(self, **options: Any) -> AsyncIterator[Connection]:
        async with self._connection() as connection, connection.transaction(**options):
            yield connection


@asynccontextmanager
async def open_store(settings: Settings, lease: timedelta = LEASE) -> AsyncIterator[Store]:
    """Open the store at ``DATABASE_URL``, or the embedded one of ``PAWL_HOME``.

    Raises:
        UserError: it cannot be had, with what to do.
        Retryable: an external database does not answer.
    """
    async with AsyncExitStack() as stack:
        address = await _address(stack, settings)
        pool = await stack.enter_async_context(connections.pool(address))
        with translated():
            async with pool.acquire() as connection:
                await migrate(connection)
        yield Store(pool, address, lease, most=Caps(settings.runs_per_user, settings.runs_per_repository, settings.runs_per_day))


async def _address(stack: AsyncExitStack, settings: Settings) -> Address:
    if settings.database_url is None:
        place = Place(settings.home, settings.cache, settings.runtime_dir)
        return (await stack.enter_async_context(embedded(place))).ensure
    url = settings.database_url.get_secret_value()

    async def fixed() -> str:
        return url

    return fixed
