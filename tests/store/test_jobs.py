from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.ids import RepoName, RunId, Sha, new_run_id
from bot.run import Instruction, State, Verb
from bot.store import jobs
from bot.store.migration import migrations
from bot.store.runs import Transition
from bot.store.store import Store

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db


async def received(store: Store) -> RunId:
    run = new_run_id()
    await store.create(Instruction(Verb.FIX, "fix f", RepoName(f"/{run}"), Sha("a" * 40)), run)
    return run


async def waiting(connection: Db) -> list[str]:
    return [row["dedupe_key"] for row in await connection.fetch("SELECT dedupe_key FROM pgqueuer ORDER BY id")]


def test_the_tables_are_the_dispatchers_own() -> None:
    sql = next(each.sql for each in migrations() if each.name == "queue")
    for table in ("pgqueuer", "pgqueuer_log", "pgqueuer_schedules", "pgqueuer_statistics"):
        assert f"CREATE TABLE {table} (" in sql


async def test_a_run_has_one_job_however_often_it_is_asked_for(store: Store, connection: Db) -> None:
    run = await received(store)
    await asyncio.gather(*(store.sweep() for _ in range(3)))
    await jobs.ensure(connection, run)
    assert await waiting(connection) == [run]
    await jobs.drop(connection, run)
    assert await waiting(connection) == []


async def test_a_job_lives_and_dies_with_the_transaction(store: Store, connection: Db) -> None:
    run = await received(store)
    await jobs.drop(connection, run)
    transaction = connection.transaction()
    await transaction.start()
    await jobs.ensure(connection, run)
    assert await waiting(connection) == [run]
    await transaction.rollback()
    assert await waiting(connection) == []


async def test_the_sweep_writes_what_is_missing_and_nothing_else(store: Store, connection: Db) -> None:
    lost, kept, ended = [await received(store) for _ in range(3)]
    held = await store.claim(ended)
    assert held is not None
    await store.commit(held, Transition(State.REFUSED, "no"))
    await jobs.drop(connection, lost)
    assert await store.sweep() == 1
    assert await store.sweep() == 0
    assert sorted(await waiting(connection)) == sorted([lost, kept])


@pytest.mark.parametrize(("age", "left"), [("29 days", 1), ("31 days", 0)])
async def test_the_dispatchers_log_is_kept_a_month(store: Store, connection: Db, age: str, left: int) -> None:
    await connection.execute(
        "INSERT INTO pgqueuer_log (created, job_id, status, priority, entrypoint)"
        " VALUES (now() - $1::text::interval, 1, 'successful', 0, 'run')",
        age,
    )
    await store.sweep()
    assert await connection.fetchval("SELECT count(*) FROM pgqueuer_log WHERE job_id = 1") == left
