"""Brakes: the emergency stop of a repository or of a whole installation. It survives everything; who pulled it cannot release it.

Nothing starts while a brake is pulled: workers ask before each stage, doors before they leave work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from bot.errors import Busy, Refused
from bot.ids import InstallationId, RepoName, RunId
from bot.ledger.entry import Fact
from bot.policy.standing import Person
from bot.run import FINAL, WAITING, Instruction, Run, State
from bot.store import ledger, listing, runs
from bot.store.connection import clean

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from bot.store.connection import Connection

_PULLED: Final = (
    "SELECT * FROM brake WHERE installation = $1 AND (repository IS NULL OR repository = $2) AND released IS NULL"
    " ORDER BY repository NULLS LAST"
)


@dataclass(frozen=True)
class Brake:
    """One that is pulled now."""

    id: int
    installation: InstallationId
    repository: int | None
    """None stops the whole installation."""
    by: Person
    why: str
    pulled: datetime

    @property
    def sentence(self) -> str:
        """Who stopped what, why, and what to do."""
        what = "this repository" if self.repository is not None else "every repository of this installation"
        why = f" ({self.why})" if self.why else ""
        since = self.pulled.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
        return f"{self.by.login} stopped {what} on {since}{why}: another administrator goes on by /pawl resume"


class Brakes:
    """The store's brakes; the truth is in the table, so that a stop holds across restarts and processes."""

    def __init__(self, transaction: Callable[[], AbstractAsyncContextManager[Connection]]) -> None:
        self._transaction = transaction

    async def pull(self, installation: InstallationId, repository: int | None, person: Person, why: str) -> Brake:
        """Pull the brake, or return the one that is pulled there already; nothing new starts from here on."""
        async with self._transaction() as connection:
            new = await connection.fetchval(
                "INSERT INTO brake (installation, repository, person, login, why) VALUES ($1, $2, $3, $4, $5)"
                " ON CONFLICT DO NOTHING RETURNING id",
                installation,
                repository,
                person.id,
                clean(person.login),
                clean(why),
            )
            if new is not None:
                told = {"installation": installation, "repository": repository}
                await ledger.append(connection, Fact(person.login, "brake.pulled", clean(why), None, {}, told))
            row = await connection.fetchrow(
                "SELECT * FROM brake WHERE installation = $1 AND coalesce(repository, 0) = coalesce($2::bigint, 0)"
                " AND released IS NULL",
                installation,
                repository,
            )
        if row is None:
            raise Busy("the brake was released just now by somebody else: look again, then stop once more if it is needed")
        return _brake(row)

    async def release(self, brake: Brake, person: Person) -> None:
        """Release a brake.

        Raises:
            Refused: the person pulled it himself.
        """
        if person.id == brake.by.id:
            raise Refused(f"{person.login} pulled this brake, and a second person has to release it: ask another administrator")
        async with self._transaction() as connection:
            done = await connection.fetchval(
                "UPDATE brake SET released = clock_timestamp(), released_by = $2 WHERE id = $1 AND released IS NULL"
                " RETURNING true",
                brake.id,
                person.id,
            )
            if done:
                told = {"installation": brake.installation, "repository": brake.repository, "by": brake.by.login}
                await ledger.append(connection, Fact(person.login, "brake.released", brake.why, None, told, {}))

    async def pulled(self, installation: InstallationId, repository: int | None) -> tuple[Brake, ...]:
        """Return the brakes that stop a repository, its own and its installation's; without one, only the installation's."""
        async with self._transaction() as connection:
            rows = await connection.fetch(_PULLED, installation, repository)
        return tuple(_brake(row) for row in rows)

    async def all_pulled(self) -> tuple[Brake, ...]:
        """Return every brake that is pulled anywhere."""
        async with self._transaction() as connection:
            return tuple(_brake(row) for row in await connection.fetch("SELECT * FROM brake WHERE released IS NULL ORDER BY id"))

    async def repos(self, brake: Brake) -> tuple[RepoName, ...]:
        """Return the names of the repositories under a brake in which runs were under way within the last day."""
        async with self._transaction() as connection:
            rows = await connection.fetch(
                "SELECT DISTINCT repo FROM run WHERE origin_repository IS NOT NULL"
                " AND (instruction -> 'origin' ->> 'installation')::bigint = $1"
                " AND ($2::bigint IS NULL OR origin_repository = $2)"
                " AND updated > clock_timestamp() - interval '1 day' ORDER BY repo",
                brake.installation,
                brake.repository,
            )
        return tuple(RepoName(row["repo"]) for row in rows)

    async def why(self, run: Run) -> str | None:
        """Return why a run is stopped, as a sentence; None where it is not. A laptop's runs have no brake."""
        origin = run.instruction.origin
        if origin is None:
            return None
        found = await self.pulled(origin.installation, origin.repository)
        return found[0].sentence if found else None

    async def apply(self, brake: Brake) -> tuple[RunId, ...]:
        """End what works under a brake and wake what waits, so that it disarms; return the runs that wait.

        A run in a worker's hands ends within a heartbeat. The same call again does what is left to do.
        """
        async with self._transaction() as connection:
            found = await listing.unfinished(connection, brake.installation, brake.repository)
        waiting: list[RunId] = []
        for run in found:
            async with self._transaction() as connection:
                if run.state in WAITING:
                    await runs.wake(connection, run.id)
                    waiting.append(run.id)
                else:
                    await _stop(connection, run.id, brake)
        return tuple(waiting)


async def require_none(connection: Connection, run: Instruction) -> None:
    """Raise Refused where a brake stops the repository that an instruction is for; in the caller's transaction."""
    if run.origin is None:
        return
    row = await connection.fetchrow(_PULLED, run.origin.installation, run.origin.repository)
    if row is not None:
        raise Refused(_brake(row).sentence)


async def _stop(connection: Connection, run_id: RunId, brake: Brake) -> None:
    """End a run, at once or, where a worker is at it, by telling the worker."""
    run = await runs.get(connection, run_id)
    if run.state in FINAL or run.state in WAITING:
        return
    try:
        async with connection.transaction():
            await runs.move(connection, run_id, State.STOPPED, brake.sentence, brake.by.login)
    except Busy:
        await connection.execute("UPDATE run SET cancel = coalesce(cancel, $2) WHERE id = $1", run_id, clean(brake.sentence))


def _brake(row: Any) -> Brake:
    return Brake(
        row["id"],
        InstallationId(row["installation"]),
        row["repository"],
        Person(row["person"], row["login"]),
        row["why"],
        row["pulled"],
    )
