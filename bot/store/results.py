"""Examinations and their results: opened once per run and head, answered once per gate, closed for good.

Only the workflow run that an examination was dispatched to may answer; it is known by its number, or, where the dispatch did not
tell the number, by the nonce it shows first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.errors import Fatal, InputError, Refused
from bot.examination.paper import Paper, dumped, read_paper, read_result
from bot.gate import GateResult
from bot.ids import Digest, RunId, Sha
from bot.store.connection import clean

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from bot.examination.oidc import Caller
    from bot.store.connection import Connection


@dataclass(frozen=True)
class Examination:
    """One head being judged in somebody's runner."""

    paper: Paper
    repository: int
    """The repository's numeric id."""
    workflow: str
    """The one workflow that may answer: ``owner/name/.github/workflows/pawl.yml@refs/heads/branch``."""
    dispatched: datetime | None = None
    workflow_run: int | None = None
    ended: str | None = None
    """How the workflow run ended; None while it goes on, as far as anybody has heard."""
    closed: bool = False
    commit: Sha | None = None
    """The default branch's commit that it was dispatched on."""


def nonce_digest(nonce: str) -> Digest:
    """Return what is kept of a nonce."""
    return Digest(f"sha256:{hashlib.sha256(nonce.encode()).hexdigest()}")


class Examinations:
    """The store's examinations; every method is one transaction."""

    def __init__(self, transaction: Callable[[], AbstractAsyncContextManager[Connection]]) -> None:
        self._transaction = transaction

    async def open(self, new: Examination) -> Examination:
        """Write an examination, or return the one that this run and head have already."""
        paper = new.paper
        async with self._transaction() as connection:
            await connection.execute(
                "INSERT INTO examination (run, head, repository, workflow, paper, nonce) VALUES ($1, $2, $3, $4, $5, '')"
                " ON CONFLICT (run, head) DO NOTHING",
                paper.run,
                paper.head,
                new.repository,
                clean(new.workflow),
                dumped(paper),
            )
            return await _get(connection, paper.run, paper.head)

    async def get(self, run: RunId, head: Sha) -> Examination:
        """Return a run's examination of a head; raises InputError where there is none."""
        async with self._transaction() as connection:
            return await _get(connection, run, head)

    async def of_run(self, run: RunId) -> tuple[Examination, ...]:
        """Return a run's examinations, newest first."""
        async with self._transaction() as connection:
            rows = await connection.fetch("SELECT * FROM examination WHERE run = $1 ORDER BY opened DESC, head", clean(run))
            return tuple(map(_examination, rows))

    async def will_dispatch(self, run: RunId, head: Sha, nonce: str, commit: Sha) -> None:
        """Write down, before it is dispatched, by which nonce and on which commit the workflow run will be known."""
        async with self._transaction() as connection:
            await connection.execute(
                "UPDATE examination SET nonce = $3, commit = $4, workflow_run = NULL, ended = NULL,"
                " dispatched = clock_timestamp() WHERE run = $1 AND head = $2 AND closed IS NULL",
                run,
                head,
                nonce_digest(nonce),
                commit,
            )

    async def was_dispatched(self, run: RunId, head: Sha, workflow_run: int) -> None:
        """Write down which workflow run was dispatched."""
        async with self._transaction() as connection:
            await connection.execute(
                "UPDATE examination SET workflow_run = $3 WHERE run = $1 AND head = $2 AND closed IS NULL",
                run,
                head,
                workflow_run,
            )

    async def answering(self, run: RunId, caller: Caller, nonce: str) -> Examination:
        """Return the examination that this workflow run may answer; one without a number takes it from who shows its nonce.

        Raises:
            Refused: there is none, with what to do.
        """
        async with self._transaction() as connection:
            row = await connection.fetchrow(
                "UPDATE examination SET workflow_run = $2"
                " WHERE run = $1 AND repository = $4 AND workflow = $5 AND commit = $6 AND dispatched IS NOT NULL"
                " AND (workflow_run = $2 OR (workflow_run IS NULL AND nonce = $3 AND closed IS NULL)) RETURNING *",
                clean(run),
                caller.run,
                nonce_digest(nonce),
                caller.repository,
                clean(caller.workflow),
                clean(caller.commit),
            )
        if row is None:
            what = f"workflow run {caller.run} of {caller.workflow} in {caller.commit}"
            raise Refused(f"{what} is not what run {run!r} waits for: ask Pawl to judge it again")
        return _examination(row)

    async def add(self, run: RunId, head: Sha, result: GateResult) -> bool:
        """Write one gate's answer; False where the very same was there already.

        Raises:
            Refused: the gate was not asked, the examination is closed, or the gate answered differently before.
        """
        async with self._transaction() as connection:
            return await _add(connection, run, head, result)

    async def answers(self, run: RunId, head: Sha) -> tuple[GateResult, ...]:
        """Return the answers so far, in the order they came."""
        async with self._transaction() as connection:
            return await _answers(connection, run, head)

    async def ended(self, repository: int, workflow_run: int, conclusion: str) -> bool:
        """Write down how a workflow run ended; False where it is none of Pawl's that is still open."""
        async with self._transaction() as connection:
            found = await connection.fetchval(
                "UPDATE examination SET ended = $3 WHERE repository = $1 AND workflow_run = $2 AND closed IS NULL RETURNING true",
                repository,
                workflow_run,
                clean(conclusion),
            )
        return bool(found)

    async def close(self, run: RunId, head: Sha, missing: Iterable[GateResult]) -> tuple[GateResult, ...]:
        """Take in ``missing`` where nobody answered meanwhile, and close; return all the answers."""
        async with self._transaction() as connection:
            await connection.execute("SELECT 1 FROM examination WHERE run = $1 AND head = $2 FOR UPDATE", run, head)
            there = {each.name for each in await _answers(connection, run, head)}
            for each in missing:
                if each.name not in there:
                    await _add(connection, run, head, each)
            await connection.execute(
                "UPDATE examination SET closed = clock_timestamp() WHERE run = $1 AND head = $2 AND closed IS NULL", run, head
            )
            return await _answers(connection, run, head)


async def _get(connection: Connection, run: RunId, head: Sha) -> Examination:
    row = await connection.fetchrow("SELECT * FROM examination WHERE run = $1 AND head = $2", clean(run), clean(head))
    if row is None:
        raise InputError(f"run {run} has nothing under examination at {head}: dispatch it first")
    return _examination(row)


async def _add(connection: Connection, run: RunId, head: Sha, result: GateResult) -> bool:
    row = await connection.fetchrow("SELECT * FROM examination WHERE run = $1 AND head = $2 FOR UPDATE", run, head)
    if row is None or result.name not in _examination(row).paper.gates:
        raise Refused(f"the gate {result.name} was not asked about {head}: only what was asked is taken in")
    body = dumped(result)
    digest = f"sha256:{hashlib.sha256(body.encode()).hexdigest()}"
    known = await connection.fetchval(
        "SELECT digest FROM gate_result WHERE run = $1 AND head = $2 AND gate = $3", run, head, result.name
    )
    if known == digest:
        return False
    if known is not None:
        raise Refused(f"the gate {result.name} answered differently before: the first answer stands, start a new run instead")
    if row["closed"] is not None:
        raise Refused(f"the examination of {head} is closed: start a new run to have it judged again")
    await connection.execute(
        "INSERT INTO gate_result (run, head, gate, body, digest) VALUES ($1, $2, $3, $4, $5)",
        run,
        head,
        result.name,
        body,
        digest,
    )
    return True


async def _answers(connection: Connection, run: RunId, head: Sha) -> tuple[GateResult, ...]:
    rows = await connection.fetch("SELECT body FROM gate_result WHERE run = $1 AND head = $2 ORDER BY received, gate", run, head)
    try:
        return tuple(read_result(row["body"], "a stored result") for row in rows)
    except InputError as error:
        raise Fatal(str(error)) from error


def _examination(row: Any) -> Examination:
    try:
        paper = read_paper(row["paper"], "a stored paper")
    except InputError as error:
        raise Fatal(str(error)) from error
    where = row["repository"], row["workflow"]
    stands = row["dispatched"], row["workflow_run"], row["ended"], row["closed"] is not None
    return Examination(paper, *where, *stands, row["commit"])
