from __future__ import annotations

import asyncio
from datetime import UTC
from typing import TYPE_CHECKING

import asyncpg
import pytest

from bot.errors import Fatal
from bot.ids import RunId
from bot.ledger.entry import EMPTY, Fact, from_json, verify
from bot.store import ledger
from bot.store.store import Store

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db


async def told(connection: Db, *whys: str) -> None:
    for why in whys:
        async with connection.transaction():
            await ledger.append(connection, Fact("ann", "note", why, RunId("R"), {"a": 1.5}, {"b": ["x", None, {"é": "\0"}]}))


async def test_entries_come_back_as_they_were_chained(connection: Db, store: Store) -> None:
    assert await store.ledger_head() == EMPTY
    await told(connection, "one", "two \0 \ud800")
    rows = await store.ledger(RunId("R"))
    entries = [from_json(row) for row in rows]
    assert [each.fact.why for each in entries] == ["one", "two \ufffd \ufffd"]
    assert entries[0].at.tzinfo is UTC
    assert entries[0].fact.after == {"b": ["x", None, {"é": "\0"}]}
    assert verify(entries, await store.ledger_head()) == []
    assert await store.verify_ledger() == []


async def test_what_is_rolled_back_was_never_said(connection: Db, store: Store) -> None:
    await told(connection, "one")
    transaction = connection.transaction()
    await transaction.start()
    await ledger.append(connection, Fact("ann", "note", "never"))
    await transaction.rollback()
    await told(connection, "two")
    assert [row["seq"] for row in await store.ledger(RunId("R"))] == [1, 2]
    assert await store.verify_ledger() == []


async def test_many_at_once_make_one_chain(store: Store) -> None:
    await asyncio.gather(*(store.note(Fact("ann", "note", str(number), RunId("R"))) for number in range(20)))
    assert {row["why"] for row in await store.ledger(RunId("R"))} == {str(number) for number in range(20)}
    assert await store.verify_ledger() == []


@pytest.mark.parametrize("statement", ["UPDATE ledger SET why = 'x'", "DELETE FROM ledger", "TRUNCATE ledger"])
async def test_accidents_are_stopped(connection: Db, statement: str) -> None:
    await told(connection, "one")
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await connection.execute(statement)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE ledger SET why = 'forged' WHERE seq = 2", "entry 2 was edited"),
        ("UPDATE ledger SET at = at - interval '1 day' WHERE seq = 2", "entry 2 was edited"),
        ("DELETE FROM ledger WHERE seq = 2", "entry 3 follows entry 1"),
        ("DELETE FROM ledger WHERE seq > 3", "the last 1 were cut off"),
        ("DELETE FROM ledger", "the last 4 were cut off"),
        ("UPDATE ledger SET seq = CASE seq WHEN 2 THEN 9 ELSE seq END", "entry 9 follows entry 4"),
        ("UPDATE ledger_head SET count = 3", "its recorded head knows 3"),
        ("DELETE FROM ledger_head", "its recorded head knows 0"),
    ],
)
async def test_whoever_takes_the_guard_off_is_found_out(connection: Db, store: Store, statement: str, what: str) -> None:
    await told(connection, "one", "two", "three", "four")
    await connection.execute("ALTER TABLE ledger DISABLE TRIGGER ledger_append_only")
    await connection.execute(statement)
    assert any(what in problem.what for problem in await store.verify_ledger())


async def test_a_head_sealed_elsewhere_gives_a_rewritten_ledger_away(connection: Db, store: Store) -> None:
    await told(connection, "one", "two")
    sealed = await store.ledger_head()
    await connection.execute("ALTER TABLE ledger DISABLE TRIGGER ledger_append_only")
    await connection.execute("DELETE FROM ledger")
    await connection.execute("UPDATE ledger_head SET count = 0, digest = $1", EMPTY.digest)
    await told(connection, "uno", "due")
    assert await store.verify_ledger() == []
    assert [problem.seq for problem in await store.verify_ledger([sealed])] == [2]


async def test_without_its_head_nothing_is_added(connection: Db) -> None:
    await connection.execute("DELETE FROM ledger_head")
    with pytest.raises(Fatal, match="head row is gone"):
        await told(connection, "one")
