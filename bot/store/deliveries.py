"""Webhook deliveries: written once with their job, answered by one postman at a time, forgotten after a month."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from bot.ids import DeliveryId
from bot.run import Instruction, Run, State
from bot.store import brakes, caps, jobs, runs
from bot.store.caps import Caps
from bot.store.connection import clean
from bot.store.holder import Holder

if TYPE_CHECKING:
    from bot.ids import RunId
    from bot.store.connection import Connection

KEPT: Final = timedelta(days=30)
"""How long a delivery is kept; GitHub can send it again for three days."""

_RECEIVE: Final = f"""
WITH given AS (
    SELECT DISTINCT ON (id) * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[])
        AS each (id, event, action, payload, wanted)
), kept AS (
    INSERT INTO delivery (id, event, action, payload, result)
    SELECT id, event, action, payload, CASE WHEN wanted THEN 'waiting' ELSE 'unwanted' END FROM given
    ON CONFLICT (id) DO UPDATE SET result = 'waiting', reason = '', attempts = 0, waits = 0, received = clock_timestamp(),
        lease_until = NULL, holder = NULL
        WHERE delivery.result = 'failed'
    RETURNING id, result
), job AS (
    INSERT INTO pgqueuer (priority, entrypoint, payload, dedupe_key, headers, status)
    SELECT 0, '{jobs.DELIVERY}', convert_to(id, 'UTF8'), '{jobs.DELIVERY} ' || id, '{{}}', 'queued' FROM kept
    WHERE result = 'waiting'
    ON CONFLICT (dedupe_key) WHERE status IN ('queued', 'picked') AND dedupe_key IS NOT NULL DO NOTHING
    RETURNING id, entrypoint, priority
), logged AS (
    INSERT INTO pgqueuer_log (job_id, status, entrypoint, priority) SELECT id, 'queued', entrypoint, priority FROM job
)
SELECT id FROM kept
"""  # noqa: S608 - the only text put in is a constant

_LEAVE: Final = """
INSERT INTO delivery (id, event, action, payload, result)
SELECT DISTINCT ON (id) id, event, action, '', 'unwanted'
    FROM unnest($1::text[], $2::text[], $3::text[]) AS each (id, event, action)
ON CONFLICT (id) DO NOTHING RETURNING id
"""
"""The same where nobody wants any of them, which is how most crowds of deliveries are."""


class Result(StrEnum):
    """What became of a delivery."""

    WAITING = "waiting"
    ANSWERED = "answered"
    REFUSED = "refused"
    FAILED = "failed"
    UNWANTED = "unwanted"


@dataclass(frozen=True)
class Letter:
    """A delivery in a postman's hands."""

    id: DeliveryId
    event: str
    action: str
    payload: str
    """The body as it came: JSON, an object."""
    attempts: int
    """Claims so far, this one included."""
    waits: int = 0
    """How many of the earlier ones gave it back; over the others a process died."""
    age: timedelta = timedelta()
    """Since it came."""


async def receive(connection: Connection, letters: Sequence[tuple[Letter, bool]]) -> list[bool]:
    """Write deliveries and their jobs, in one statement, each with whether anybody wants it; say of each whether it is new.

    One that failed and is sent again by a person's wish is tried again; one that nobody wants gets no job and leaves no body.
    """
    names = [each.id for each, _ in letters], [each.event for each, _ in letters], [clean(each.action) for each, _ in letters]
    wishes = [wanted for _, wanted in letters]
    if any(wishes):
        bodies = [each.payload if wanted else "" for each, wanted in letters]
        made = await connection.fetch(_RECEIVE, *names, bodies, wishes)
    else:
        made = await connection.fetch(_LEAVE, *names)
    new = {row["id"] for row in made}
    said = []
    for each, _ in letters:
        said.append(each.id in new)
        new.discard(each.id)
    return said


async def claim(connection: Connection, delivery: DeliveryId, me: Holder, lease: timedelta) -> Letter | None:
    """Take a delivery to answer it; None where it is answered, or in the hands of a postman who lives."""
    async with connection.transaction():
        row = await connection.fetchrow(
            "SELECT event, action, payload, waits, holder, clock_timestamp() - received AS age,"
            " lease_until > clock_timestamp() AS held FROM delivery"
            " WHERE id = $1 AND result = 'waiting' FOR UPDATE",
            delivery,
        )
        if row is None or (row["held"] and not Holder.from_text(row["holder"]).is_gone()):
            return None
        attempts: int = await connection.fetchval(
            "UPDATE delivery SET attempts = attempts + 1, lease_until = clock_timestamp() + $2, holder = $3 WHERE id = $1"
            " RETURNING attempts",
            delivery,
            lease,
            me.as_text(),
        )
    return Letter(delivery, row["event"], row["action"], row["payload"], attempts, row["waits"], row["age"])


async def finish(connection: Connection, letter: Letter, result: Result, reason: str) -> bool:
    """Write what became of a claimed delivery (waiting: give it back); False where the claim was lost."""
    done = await connection.fetchval(
        "UPDATE delivery SET result = $3, reason = $4, lease_until = NULL, holder = NULL,"
        " waits = waits + ($3 = 'waiting')::integer"
        " WHERE id = $1 AND attempts = $2 AND result = 'waiting' RETURNING true",
        letter.id,
        letter.attempts,
        result.value,
        clean(reason),
    )
    return bool(done)


async def result(connection: Connection, delivery: DeliveryId) -> tuple[Result, str] | None:
    """Return what became of a delivery, and why; None where it never came."""
    row = await connection.fetchrow("SELECT result, reason FROM delivery WHERE id = $1", clean(delivery))
    return None if row is None else (Result(row["result"]), row["reason"])


async def known(connection: Connection, ids: Iterable[DeliveryId]) -> frozenset[DeliveryId]:
    """Return those of the deliveries that came and did not fail."""
    rows = await connection.fetch("SELECT id FROM delivery WHERE id = ANY($1) AND result <> 'failed'", list(ids))
    return frozenset(DeliveryId(row["id"]) for row in rows)


async def create_once(  # noqa: PLR0913, PLR0917 - what, of which delivery, within which caps, under which name
    connection: Connection, wish: Instruction, delivery: DeliveryId, ordinal: int, most: Caps, run: RunId
) -> Run:
    """Make a run of a delivery's nth instruction, or return the one that was made of it before; in the caller's transaction.

    Raises:
        Refused: somebody has asked for as much as is allowed, or stopped the repository.
    """
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"delivery {delivery}")
    earlier = await connection.fetchval("SELECT run FROM delivery_run WHERE delivery = $1 AND ordinal = $2", delivery, ordinal)
    if earlier is not None:
        return await runs.get(connection, earlier)
    await brakes.require_none(connection, wish)
    await caps.require(connection, wish, most)
    made = Run(run, wish, State.RECEIVED, reason="received")
    await runs.create(connection, made, alone=False)
    await connection.execute("INSERT INTO delivery_run (delivery, ordinal, run) VALUES ($1, $2, $3)", delivery, ordinal, run)
    return made


async def made_of(connection: Connection, delivery: DeliveryId) -> tuple[Run, ...]:
    """Return the runs that a delivery made."""
    rows = await connection.fetch("SELECT run FROM delivery_run WHERE delivery = $1 ORDER BY ordinal", delivery)
    return tuple([await runs.get(connection, row["run"]) for row in rows])


async def sweep(connection: Connection) -> int:
    """Write a job for every waiting delivery that has none; return how many had none."""
    rows = await connection.fetch(
        f"SELECT delivery.id FROM delivery LEFT JOIN pgqueuer ON dedupe_key = '{jobs.DELIVERY} ' || delivery.id"  # noqa: S608 - a constant
        " AND status IN ('queued', 'picked') WHERE delivery.result = 'waiting' AND pgqueuer.id IS NULL ORDER BY delivery.id"
    )
    for row in rows:
        await jobs.enqueue(connection, row["id"], f"{jobs.DELIVERY} {row['id']}", jobs.DELIVERY)
    return len(rows)


async def prune(connection: Connection, older: timedelta = KEPT) -> int:
    """Forget deliveries that are older; return how many there were. Those that still wait stay."""
    gone = await connection.fetchval(
        "WITH gone AS (DELETE FROM delivery WHERE received < clock_timestamp() - $1::interval AND result <> 'waiting'"
        " RETURNING 1)"
        " SELECT count(*) FROM gone",
        older,
    )
    await connection.execute("DELETE FROM delivery_run WHERE made < clock_timestamp() - $1::interval", older)
    return int(gone)


def opened(letter: Letter) -> dict[str, object]:
    """Return the delivery's body; the door has made sure that it is a JSON object."""
    body: dict[str, object] = json.loads(letter.payload)
    return body
