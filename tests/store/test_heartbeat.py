from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.errors import Retryable
from bot.ids import RepoName, Sha, new_run_id
from bot.run import Instruction, Verb
from bot.store.heartbeat import beating
from bot.store.runs import Claim
from bot.store.store import Store

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db

SHORT = timedelta(seconds=1)
"""Four beats of 0.25 s: a busy machine may be late by three."""


@pytest.fixture
async def held(store: Store) -> Claim:
    store._lease = SHORT
    run = await store.create(Instruction(Verb.FIX, "fix f", RepoName("/repo"), Sha("a" * 40)), new_run_id())
    claim = await store.claim(run.id)
    assert claim is not None
    return claim


async def alive(connection: Db, held: Claim) -> bool:
    return bool(await connection.fetchval("SELECT lease_until > clock_timestamp() FROM run WHERE id = $1", held.run.id))


async def test_a_lease_is_renewed_for_as_long_as_it_is_needed(store: Store, held: Claim, connection: Db) -> None:
    async with store.beating(held) as interrupted:
        first = await connection.fetchval("SELECT lease_until FROM run")
        while await connection.fetchval("SELECT lease_until - $1 < interval '1 second' FROM run", first):
            await asyncio.sleep(0.05)
            assert await alive(connection, held)
        assert not interrupted.done()
    await asyncio.sleep(1.2)
    assert not await alive(connection, held)


async def test_a_lost_lease_is_told(store: Store, held: Claim, connection: Db) -> None:
    await connection.execute("UPDATE run SET fence = fence + 1")
    async with store.beating(held) as interrupted:
        assert await interrupted is None


async def test_a_database_that_stays_away_ends_the_lease(held: Claim) -> None:
    async def nowhere() -> str:
        raise Retryable("gone")

    async with beating(nowhere, held, SHORT) as interrupted:
        assert await interrupted is None


async def test_a_connection_that_breaks_is_made_again(store: Store, held: Claim, connection: Db) -> None:
    async with store.beating(held) as interrupted:
        for _ in range(3):
            await asyncio.sleep(0.3)
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'UPDATE run SET lease_until%'"
            )
        await asyncio.sleep(0.5)
        assert await alive(connection, held)
        assert not interrupted.done()
