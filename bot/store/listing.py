"""Lists of runs: the newest, those under an issue or pull request, those that sleep, those that have not ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from bot.ids import RepoName, RunId
from bot.run import FINAL, WAITING, Run
from bot.store import runs
from bot.store.connection import clean

if TYPE_CHECKING:
    from bot.store.connection import Connection

_ASLEEP: Final = tuple(sorted(WAITING))


@dataclass(frozen=True)
class Listed:
    """A run as lists show it."""

    run: Run
    created: datetime
    updated: datetime
    at_work: bool
    """Whether a worker holds it now."""


async def listed(connection: Connection, repo: RepoName | None, most: int) -> tuple[Listed, ...]:
    """Return the newest runs, of one repository or of all."""
    rows = await connection.fetch(
        "SELECT *, coalesce(lease_until > clock_timestamp(), false) AS at_work FROM run"
        " WHERE $1::text IS NULL OR repo = $1 ORDER BY id DESC LIMIT $2",
        None if repo is None else clean(repo),
        most,
    )
    return tuple(Listed(runs.of_row(row), row["created"], row["updated"], row["at_work"]) for row in rows)


async def latest(connection: Connection, repository: int, number: int) -> tuple[Run, ...]:
    """Return the runs that were asked for under an issue or pull request, or that opened it, newest first; no questions."""
    rows = await connection.fetch(
        "SELECT * FROM run WHERE origin_repository = $1 AND (origin_number = $2 OR pull = $2)"
        " AND inquiry IS NULL ORDER BY id DESC LIMIT 50",
        repository,
        number,
    )
    return tuple(runs.of_row(row) for row in rows)


async def asleep(connection: Connection, repository: int | None = None, number: int | None = None) -> tuple[RunId, ...]:
    """Return the runs that wait for a person or the forge: all, a repository's, or those under one issue or pull request."""
    rows = await connection.fetch(
        "SELECT id FROM run WHERE state = ANY($1) AND ($2::bigint IS NULL OR origin_repository = $2)"
        " AND ($3::integer IS NULL OR origin_number = $3 OR pull = $3) ORDER BY id",
        _ASLEEP,
        repository,
        number,
    )
    return tuple(RunId(row["id"]) for row in rows)


async def step(connection: Connection, run_id: RunId) -> int:
    """Return how many transitions a run has made; raises InputError where there is none of that id."""
    await runs.get(connection, run_id)
    made: int = await connection.fetchval("SELECT step FROM run WHERE id = $1", run_id)
    return made


async def unfinished(connection: Connection, installation: int, repository: int | None) -> tuple[Run, ...]:
    """Return an installation's runs that have not ended, of one repository or of all."""
    rows = await connection.fetch(
        "SELECT * FROM run WHERE NOT state = ANY($1) AND origin_repository IS NOT NULL"
        " AND (instruction -> 'origin' ->> 'installation')::bigint = $2 AND ($3::bigint IS NULL OR origin_repository = $3)"
        " ORDER BY id",
        tuple(sorted(FINAL)),
        installation,
        repository,
    )
    return tuple(runs.of_row(row) for row in rows)
