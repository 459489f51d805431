"""The store as the rest of Pawl sees it: runs, what their stages made, and the ledger, behind one object.

``async with open_store(…) as store`` starts the embedded Postgres where no other is named, and brings the schema up to date.
Every method raises Retryable where the database does not answer, and UserError where a person must mend something.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any, TextIO

from bot.history import History
from bot.ids import RepoName, RunId
from bot.ledger.entry import Entry, Fact, Head, Problem, verify
from bot.run import Instruction, Run, State
from bot.settings import Settings
from bot.store import connection as connections
from bot.store import heartbeat, jobs, ledger, outputs, runs
from bot.store.connection import Address, translated
from bot.store.embedded import Place, embedded
from bot.store.holder import Holder, current
from bot.store.migration import migrate
from bot.store.runs import Claim, Listed, Transition

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from bot.store.connection import Connection, Pool
    from bot.store.dispatcher import Drive
    from bot.store.heartbeat import Interrupted

LEASE = timedelta(seconds=10)
"""How long a run stays with a worker that is not heard of."""


class Store:
    """All that is kept; get one from :func:`open_store`."""

    def __init__(self, pool: Pool, address: Address, lease: timedelta = LEASE, me: Holder | None = None) -> None:
        self._pool = pool
        self._address = address
        self._lease = lease
        self._me = me or current()

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
            return await runs.listed(connection, repo, most)

    async def active(self, repo: RepoName) -> Run | None:
        """Return the repository's oldest unfinished run that does not wait for a person."""
        async with self._connection() as connection:
            return await runs.active(connection, repo)

    async def latest(self, repository: int, number: int) -> tuple[Run, ...]:
        """Return the runs that were asked for under an issue or pull request (of the repository's numeric id), newest first."""
        async with self._connection() as connection:
            return await runs.latest(connection, repository, number)

    async def wake(self, run_id: RunId) -> bool:
        """Have a worker look at a run that waits for a person or the forge; False where it does not wait."""
        async with self._transaction() as connection:
            return await runs.wake(connection, run_id)

    async def asleep(self) -> tuple[RunId, ...]:
        """Return the runs that wait for a person or the forge."""
        async with self._connection() as connection:
            return await runs.asleep(connection)

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

    async def export_ledger(self, out: TextIO) -> int:
        """Write the ledger as JSON lines; return how many."""
        entries, _ = await self._whole_ledger()
        out.writelines(json.dumps(entry.as_json(), sort_keys=True) + "\n" for entry in entries)
        return len(entries)

    async def sweep(self) -> int:
        """Write jobs that are missing; return how many were."""
        async with self._transaction() as connection:
            return await jobs.sweep(connection)

    async def consume(self, drive: Drive, stop: asyncio.Event, at_once: int = 2, *, until_empty: bool = False) -> None:
        """Call ``drive`` for runs that have work, until ``stop`` is set."""
        from bot.store.dispatcher import consume  # noqa: PLC0415 - 0.2 s that only a working process needs

        with translated():
            await consume(self._pool, drive, stop, at_once, until_empty=until_empty)

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
        yield Store(pool, address, lease)


async def _address(stack: AsyncExitStack, settings: Settings) -> Address:
    if settings.database_url is None:
        place = Place(settings.home, settings.cache, settings.runtime_dir)
        return (await stack.enter_async_context(embedded(place))).ensure
    url = settings.database_url.get_secret_value()

    async def fixed() -> str:
        return url

    return fixed
