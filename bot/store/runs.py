"""Runs: born once, claimed by one worker at a time, moved along the transition table under a fence.

A claim raises the run's fence and gives a lease; every write of the claimer is guarded by both, so a worker that was thought dead
and comes back can write nothing. At most one run of a lane (on a laptop: of a repository) is worked on at a time: claims of a
lane queue up on one advisory lock and look at each other's leases.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from bot.errors import Busy, InputError
from bot.history import Output, Sealed
from bot.ids import Digest, RepoName, RunId
from bot.ledger.entry import Fact, digest_of
from bot.run import FINAL, WAITING, WORKED, Instruction, Run, State, check_transition
from bot.store import jobs, ledger, outputs
from bot.store.connection import clean, storable
from bot.store.holder import Holder

if TYPE_CHECKING:
    import asyncpg

    from bot.store.connection import Connection

_IN_WORK: Final = tuple(sorted(WORKED))
_ASLEEP: Final = tuple(sorted(WAITING))


@dataclass(frozen=True)
class Claim:
    """The right to work on a run until the lease ends."""

    run: Run
    fence: int
    step: int
    """Transitions made so far."""
    worked: float
    """Seconds of work so far, without the stage in hand."""
    attempts: int
    """Claims over the present stage, this one included."""


@dataclass(frozen=True)
class Transition:
    """Where a claimed run goes next, and what its stage made."""

    to: State
    reason: str
    """One sentence."""
    output: Output | None = None
    kind: str = ""
    """Name of the error that ended the run, where one did."""
    seconds: float = 0.0
    """How long the stage worked."""


async def create(connection: Connection, run: Run, *, alone: bool) -> None:
    """Write a run that was just received, its ledger entry and its job; in the caller's transaction.

    Raises:
        Busy: ``alone`` was asked for and another run of the repository is unfinished.
        InputError: the repository's name cannot be stored.
    """
    wish = run.instruction
    repo = storable(wish.repo, "the repository's path")
    await _queue_up(connection, _lane(run))
    if alone:
        await _nobody_else(connection, RepoName(repo))
    await connection.execute(
        "INSERT INTO run (id, repo, lane, instruction, state, reason, origin_repository, origin_number, origin_requester,"
        " inquiry) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        run.id,
        repo,
        clean(_lane(run)),
        outputs.dumped(_instructions(), wish, "instruction"),
        run.state.value,
        clean(run.reason),
        wish.origin.repository if wish.origin else None,
        wish.origin.number if wish.origin else None,
        wish.origin.requester if wish.origin else None,
        wish.inquiry.value if wish.inquiry else None,
    )
    asked = {"verb": wish.verb.value, "repo": repo, "base": wish.base, "text": digest_of(wish.text), "door": wish.door}
    await ledger.append(connection, Fact(wish.requester, f"run.{run.state}", clean(run.reason), run.id, {}, asked))
    await jobs.ensure(connection, run.id)
    await _tell(connection, run, 0)


async def get(connection: Connection, run_id: RunId) -> Run:
    """Return a run; raises InputError where there is none of that id."""
    row = await connection.fetchrow("SELECT * FROM run WHERE id = $1", clean(run_id))
    if row is None:
        raise InputError(f"there is no run {run_id!r} in this store: check the id, or start a new run")
    return of_row(row)


async def created(connection: Connection, run_id: RunId) -> datetime:
    """Return when a run was received; raises InputError where there is none of that id."""
    await get(connection, run_id)
    moment: datetime = await connection.fetchval("SELECT created FROM run WHERE id = $1", run_id)
    return moment


async def active(connection: Connection, repo: RepoName) -> Run | None:
    """Return the oldest run of a laptop's repository that a worker has something to do for; questions change nothing there."""
    row = await connection.fetchrow(
        "SELECT * FROM run WHERE lane = $1 AND state = ANY($2) ORDER BY id LIMIT 1",
        clean(repo),
        _IN_WORK,
    )
    return None if row is None else of_row(row)


async def claim(connection: Connection, run_id: RunId, me: Holder, lease: timedelta) -> Claim | None:
    """Take a run to work on it; None where it is over.

    The lease of a process of this machine that is gone counts nothing.

    Raises:
        Busy: another worker holds this run, or another run of its lane.
        InputError: there is no such run.
    """
    async with connection.transaction():
        run = await get(connection, run_id)
        await _queue_up(connection, _lane(run))
        await _yield_to(connection, run)
        row = await connection.fetchrow(
            "UPDATE run SET fence = fence + 1, attempts = attempts + 1, lease_until = clock_timestamp() + $2, holder = $3"
            " WHERE id = $1 AND state = ANY($4) RETURNING *",
            run_id,
            lease,
            me.as_text(),
            _IN_WORK + _ASLEEP,
        )
    if row is None:
        return None
    return Claim(of_row(row), row["fence"], row["step"], row["worked"], row["attempts"])


async def renew(connection: Connection, held: Claim, lease: timedelta) -> tuple[bool, str | None]:
    """Make the lease last from now; return whether it was still held, and why somebody wants the run to end."""
    row = await connection.fetchrow(
        "UPDATE run SET lease_until = clock_timestamp() + $3"
        " WHERE id = $1 AND fence = $2 AND lease_until > clock_timestamp() RETURNING cancel",
        held.run.id,
        held.fence,
        lease,
    )
    return (False, None) if row is None else (True, row["cancel"])


async def release(connection: Connection, held: Claim) -> None:
    """Give a claim back; nothing happens where it was lost. A look at a run that sleeps is no attempt at anything."""
    await connection.execute(
        "UPDATE run SET lease_until = NULL, holder = NULL, attempts = CASE WHEN state = ANY($3) THEN 0 ELSE attempts END"
        " WHERE id = $1 AND fence = $2",
        held.run.id,
        held.fence,
        _ASLEEP,
    )


async def commit(connection: Connection, held: Claim, done: Transition, lease: timedelta) -> Claim | None:
    """Write one transition with all that belongs to it, or nothing: None where the claim was lost.

    Raises:
        Fatal: the transition table does not have it, or the output cannot be stored.
    """
    run = held.run
    check_transition(run.state, done.to)
    keeps = done.to in WORKED
    round_ = run.round + ((run.state, done.to) == (State.CHECKING, State.CHANGING))
    reason = clean(done.reason)
    async with connection.transaction():
        row = await connection.fetchrow(
            "UPDATE run SET state = $4, round = $5, reason = $6, kind = $7, worked = worked + $8, step = step + 1, attempts = 0,"
            " pull = coalesce($11, pull),"
            " updated = clock_timestamp(), lease_until = CASE WHEN $9 THEN clock_timestamp() + $10::interval END,"
            " holder = CASE WHEN $9 THEN holder END"
            " WHERE id = $1 AND fence = $2 AND step = $3 AND lease_until > clock_timestamp() RETURNING step, worked",
            run.id,
            held.fence,
            held.step,
            done.to.value,
            round_,
            reason,
            done.kind,
            max(0.0, done.seconds),
            keeps,
            lease,
            done.output.pull if isinstance(done.output, Sealed) else None,
        )
        if row is None:
            return None
        made = await outputs.add(connection, run, row["step"], done.output) if done.output else None
        await ledger.append(connection, _moved(run, done.to, round_, reason, "pawl", made))
        await (jobs.ensure(connection, run.id) if keeps else jobs.drop(connection, run.id))
        if done.to in WAITING and run.instruction.origin is not None:  # what it waits for may have come already
            await wake(connection, run.id)
        await _tell(connection, run, row["step"])
    after = replace(run, state=done.to, round=round_, reason=reason, kind=done.kind)
    return Claim(after, held.fence, row["step"], row["worked"], 0)


async def move(connection: Connection, run_id: RunId, to: State, reason: str, actor: str) -> Run:
    """Move a run that no worker holds, on somebody's word: an approval, a cancellation.

    Raises:
        Busy: a worker holds it.
        Fatal: the transition table does not have it.
    """
    async with connection.transaction():
        run = await get(connection, run_id)
        await _queue_up(connection, _lane(run))
        run = await get(connection, run_id)
        check_transition(run.state, to)
        await _forget_the_dead(connection, run)
        step = await connection.fetchval(
            "UPDATE run SET state = $2, reason = $3, step = step + 1, attempts = 0, fence = fence + 1, lease_until = NULL,"
            " holder = NULL, updated = clock_timestamp()"
            " WHERE id = $1 AND coalesce(lease_until <= clock_timestamp(), true) RETURNING step",
            run_id,
            to.value,
            clean(reason),
        )
        if step is None:
            raise Busy(f"a worker holds run {run_id}: ask again when it is done")
        await ledger.append(connection, _moved(run, to, run.round, clean(reason), actor, None))
        await (jobs.ensure(connection, run_id) if to in WORKED else jobs.drop(connection, run_id))
        await _tell(connection, run, step)
    return replace(run, state=to, reason=clean(reason))


async def wake(connection: Connection, run_id: RunId) -> bool:
    """Have a worker look at a run that sleeps, in the caller's transaction; False where it does not sleep."""
    wakes = await connection.fetchval(
        "UPDATE run SET wakes = wakes + 1 WHERE id = $1 AND state = ANY($2) RETURNING wakes", run_id, _ASLEEP
    )
    if wakes is None:
        return False
    await jobs.enqueue(connection, run_id, f"{run_id}#{wakes}")
    return True


async def cancel(connection: Connection, run_id: RunId, reason: str, actor: str) -> Run:
    """End a run: at once where nobody works on it, else its worker is told and ends it. Ended runs stay as they are."""
    run = await get(connection, run_id)
    if run.state in FINAL:
        return run
    try:
        return await move(connection, run_id, State.CANCELLED, reason, actor)
    except Busy:
        async with connection.transaction():
            await connection.execute("UPDATE run SET cancel = $2 WHERE id = $1", run_id, clean(reason))
            await ledger.append(connection, Fact(actor, "run.cancel_asked", clean(reason), run_id))
        return run


async def _tell(connection: Connection, run: Run, step: int) -> None:
    """Have people told on GitHub where a run stands; who sits at a laptop sees it."""
    if run.instruction.origin is not None:
        await jobs.tell(connection, run.id, step)


def _lane(run: Run) -> str:
    """Return what only one worker at a time may be at work on: a laptop's repository; on GitHub, or to answer, the run alone."""
    wish = run.instruction
    return wish.repo if wish.origin is None and wish.inquiry is None else run.id


async def _queue_up(connection: Connection, lane: str) -> None:
    """Let the claims of one lane pass one at a time, until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", lane)


async def _nobody_else(connection: Connection, repo: RepoName) -> None:
    other = await active(connection, repo)
    if other is None:
        return
    at_work = [each for each in await _leases(connection, _lane(other)) if each["id"] == other.id and not _holder(each).is_gone()]
    if at_work:
        raise Busy(_wait_for(other.id, repo, _holder(at_work[0])))
    raise Busy(
        f"run {other.id} on {repo} was left unfinished: go on with it by `pawl run --resume {other.id}`,"
        f" or give it up by `pawl run --cancel {other.id}`"
    )


async def _yield_to(connection: Connection, run: Run) -> None:
    """Raise Busy where somebody who lives holds this run or another one of its lane; forget the dead."""
    for row in await _leases(connection, _lane(run)):
        holder = _holder(row)
        if holder.is_gone():
            await connection.execute("UPDATE run SET lease_until = NULL, holder = NULL WHERE id = $1", row["id"])
        elif row["id"] == run.id:
            raise Busy(f"{holder} is at work on run {run.id}: wait until it has ended, or end it")
        else:
            raise Busy(_wait_for(RunId(row["id"]), run.instruction.repo, holder))


async def _forget_the_dead(connection: Connection, run: Run) -> None:
    for row in await _leases(connection, _lane(run)):
        if row["id"] == run.id and _holder(row).is_gone():
            await connection.execute("UPDATE run SET lease_until = NULL, holder = NULL WHERE id = $1", run.id)


async def _leases(connection: Connection, lane: str) -> list[asyncpg.Record]:
    """Return the lane's runs that are under a lease now, locked."""
    return await connection.fetch(
        "SELECT id, holder FROM run WHERE lane = $1 AND lease_until > clock_timestamp() ORDER BY id FOR UPDATE", lane
    )


def _wait_for(run_id: RunId, repo: str, holder: Holder) -> str:
    return f"run {run_id} is at work on {repo} ({holder}): wait until it has ended, then ask again"


def _holder(row: Any) -> Holder:
    return Holder.from_text(row["holder"])


def _moved(run: Run, to: State, round_: int, reason: str, actor: str, output: Digest | None) -> Fact:  # noqa: PLR0913, PLR0917
    before = {"state": run.state.value, "round": run.round}
    after = {"state": to.value, "round": round_, **({"output": output} if output else {})}
    return Fact(actor, f"run.{to}", reason, run.id, before, after)


def of_row(row: Any) -> Run:
    """Return the run that a row of the table holds."""
    wish: Instruction = outputs.loaded(_instructions(), row["instruction"], "instruction")
    return Run(RunId(row["id"]), wish, State(row["state"]), row["round"], row["reason"], row["kind"])


@cache
def _instructions() -> TypeAdapter[Instruction]:
    return TypeAdapter(Instruction)
