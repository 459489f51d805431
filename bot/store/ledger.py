"""The ledger's rows: append inside somebody's transaction, read, and check."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from bot.errors import Fatal
from bot.ids import Digest, RunId
from bot.ledger.entry import Entry, Fact, Head, canonical, chained
from bot.store.connection import clean

if TYPE_CHECKING:
    from bot.store.connection import Connection


async def append(connection: Connection, fact: Fact) -> Entry:
    """Chain one fact; it is there when the caller's transaction commits. Others who append wait until then."""
    row = await connection.fetchrow("SELECT count, digest, clock_timestamp() AS now FROM ledger_head FOR UPDATE")
    if row is None:
        raise Fatal("the ledger's head row is gone: restore the database from a copy")
    told = Fact(clean(fact.actor), clean(fact.action), clean(fact.why), fact.run, fact.before, fact.after)
    entry = chained(Head(row["count"], Digest(row["digest"])), told, row["now"])
    await connection.execute(
        "INSERT INTO ledger (seq, at, run, actor, action, why, before, after, previous, digest)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        entry.seq,
        entry.at,
        told.run,
        told.actor,
        told.action,
        told.why,
        canonical(dict(told.before)).decode(),
        canonical(dict(told.after)).decode(),
        entry.previous,
        entry.digest,
    )
    await connection.execute("UPDATE ledger_head SET count = $1, digest = $2", entry.seq, entry.digest)
    return entry


async def head(connection: Connection) -> Head:
    """Return where the chain ends, as it was recorded beside it."""
    row = await connection.fetchrow("SELECT count, digest FROM ledger_head")
    return Head(row["count"], Digest(row["digest"])) if row else Head(0, Digest(""))


async def of_run(connection: Connection, run: RunId) -> tuple[Entry, ...]:
    """Return one run's entries in order."""
    rows = await connection.fetch("SELECT * FROM ledger WHERE run = $1 ORDER BY seq", run)
    return tuple(_entry(row) for row in rows)


async def everything(connection: Connection) -> AsyncIterator[Entry]:
    """Yield the whole ledger in order; the caller holds a transaction."""
    async for row in connection.cursor("SELECT * FROM ledger ORDER BY seq", prefetch=500):
        yield _entry(row)


def _entry(row: Any) -> Entry:
    fact = Fact(row["actor"], row["action"], row["why"], row["run"], json.loads(row["before"]), json.loads(row["after"]))
    return Entry(row["seq"], row["at"], fact, Digest(row["previous"]), Digest(row["digest"]))
