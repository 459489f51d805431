from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import asyncpg
import pytest

from bot.errors import Fatal, UserError
from bot.store import migration
from bot.store.migration import Migration, Phase, migrate, migrations

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db
OURS = migrations()
NEXT = Migration(len(OURS) + 1, Phase.PRE, "more", "CREATE TABLE more (x integer)")
AFTER = Migration(len(OURS) + 2, Phase.POST, "less", "DROP TABLE more")


def test_files_are_numbered_named_and_say_when_they_run() -> None:
    assert [each.number for each in OURS] == list(range(1, len(OURS) + 1))
    assert all(each.name and each.sql.strip() for each in OURS)


async def test_everything_is_applied_once(connection: Db) -> None:
    assert await migrate(connection) == []
    rows = await connection.fetch("SELECT number, name FROM migration ORDER BY number")
    assert [(row["number"], row["name"]) for row in rows] == [(each.number, each.name) for each in OURS]


async def test_new_files_are_added_pre_before_post(connection: Db) -> None:
    known = (*OURS, NEXT, AFTER)
    assert await migrate(connection, frozenset({Phase.PRE}), known) == ["more"]
    assert await connection.fetchval("SELECT count(*) FROM more") == 0
    assert await migrate(connection, frozenset(Phase), known) == ["less"]
    assert await connection.fetchval("SELECT to_regclass('more')") is None


async def test_a_pre_file_never_overtakes_a_post_file(connection: Db) -> None:
    known = (*OURS, replace(NEXT, phase=Phase.POST), replace(AFTER, phase=Phase.PRE))
    assert await migrate(connection, frozenset({Phase.PRE}), known) == []


async def test_a_file_that_fails_leaves_nothing(connection: Db) -> None:
    bad = replace(AFTER, sql="CREATE TABLE half (x integer); SELECT 1/0")
    with pytest.raises(Fatal, match="division by zero"):
        await migrate(connection, known=(*OURS, NEXT, bad))
    assert await connection.fetchval("SELECT to_regclass('half')") is None
    assert await connection.fetchval("SELECT to_regclass('more')") is None


async def test_many_at_once_apply_each_file_once(database: str) -> None:
    async def one() -> list[str]:
        connection = await asyncpg.connect(database)
        try:
            return await migrate(connection, known=(*OURS, NEXT))
        finally:
            await connection.close()

    assert sorted(await asyncio.gather(*(one() for _ in range(4)))) == [[], [], [], ["more"]]


async def test_a_database_of_a_newer_pawl_is_refused(connection: Db) -> None:
    await migrate(connection, known=(*OURS, NEXT))
    with pytest.raises(UserError, match=f"a newer Pawl made this database .its migration {NEXT.number} is unknown"):
        await migrate(connection)


async def test_a_file_changed_afterwards_is_refused(connection: Db) -> None:
    with pytest.raises(UserError, match=r"migration 1 .*differs from the one"):
        await migrate(connection, known=(replace(OURS[0], sql="SELECT 1"), *OURS[1:]))


async def test_an_old_server_is_refused(connection: Db, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration, "OLDEST", 990000)
    with pytest.raises(UserError, match=r"is of Postgres 18 and Pawl needs 99 or later"):
        await migrate(connection)
