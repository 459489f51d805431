from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.ids import RepoName, RunId, Sha, new_run_id
from bot.run import Instruction, Verb
from bot.store.dispatcher import Drive
from bot.store.store import Store

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db


async def received(store: Store) -> RunId:
    run = new_run_id()
    await store.create(Instruction(Verb.FIX, "fix f", RepoName(f"/{run}"), Sha("a" * 40)), run)
    return run


async def consumed(store: Store, drive: Drive, at_once: int = 2) -> None:
    async with asyncio.timeout(60):
        await store.consume(drive, asyncio.Event(), at_once, until_empty=True)


async def test_jobs_reach_the_worker_once(store: Store, connection: Db) -> None:
    runs = [await received(store) for _ in range(5)]
    seen: list[RunId] = []

    async def drive(run: RunId) -> None:
        seen.append(run)

    await consumed(store, drive)
    assert sorted(seen) == sorted(runs)
    assert await connection.fetchval("SELECT count(*) FROM pgqueuer") == 0


async def test_a_run_that_cannot_be_had_comes_again(store: Store) -> None:
    run = await received(store)
    seen: list[RunId] = []

    async def drive(found: RunId) -> timedelta | None:
        seen.append(found)
        return timedelta(seconds=0.05) if len(seen) < 3 else None

    await consumed(store, drive)
    assert seen == [run] * 3


async def test_a_job_that_breaks_is_held_for_people_to_see(store: Store, connection: Db) -> None:
    await received(store)

    async def drive(_run: RunId) -> None:
        raise ZeroDivisionError

    await consumed(store, drive)
    assert await connection.fetchval("SELECT status FROM pgqueuer") == "failed"


async def test_no_more_than_asked_for_are_worked_on_at_once(store: Store) -> None:
    for _ in range(4):
        await received(store)
    now, most = 0, 0

    async def drive(_run: RunId) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1

    await consumed(store, drive, at_once=1)
    assert most == 1
