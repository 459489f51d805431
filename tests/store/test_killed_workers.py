"""Workers in processes of their own, killed with ``kill -9`` or stopped at any moment: nothing is lost, nothing is done twice."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from bot.ids import RepoName, RunId, Sha, new_run_id
from bot.run import Instruction, State, Verb
from bot.settings import Settings
from bot.store.store import open_store

KENNEL = Path(__file__).parents[1] / "doubles" / "stepping_worker.py"
RUNS = 12
KILLS = 20


async def _received(url: str) -> list[RunId]:
    async with open_store(Settings(DATABASE_URL=SecretStr(url))) as store:
        wishes = [Instruction(Verb.FIX, "fix f", RepoName(f"/repo{number % 8}"), Sha("a" * 40)) for number in range(RUNS)]
        return [(await store.create(each, new_run_id(), alone=False)).id for each in wishes]


class Kennel:
    """Workers in processes of their own, forked from one that has everything imported."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.pids: list[int] = []

    async def let_out(self) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(b"go\n")
        self.pids.append(int(await self.process.stdout.readline()))
        return self.pids[-1]

    async def close(self) -> None:
        for pid in self.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)  # its parent reaps none, so no number is used again
        self.process.terminate()
        await self.process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a dead worker is followed only when its lease ends")
async def test_killed_workers_lose_nothing_and_double_nothing(database: str) -> None:
    """Two workers at a time; 20 are killed or, every fifth, only stopped beyond their lease and woken again."""
    dice = random.Random(7)  # noqa: S311
    runs = await _received(database)
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, str(KENNEL), database, "0.4"]
    kennel = Kennel(await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe))
    try:
        packs, asleep = [await kennel.let_out(), await kennel.let_out()], []
        for number in range(KILLS):
            await asyncio.sleep(dice.uniform(0.02, 0.12))
            victim = packs.pop(0)
            stopped = number % 5 == 4
            os.kill(victim, signal.SIGSTOP if stopped else signal.SIGKILL)
            if stopped:
                asleep.append(victim)
            packs.append(await kennel.let_out())
        for each in asleep:
            os.kill(each, signal.SIGCONT)
        async with open_store(Settings(DATABASE_URL=SecretStr(database))) as store:
            while not all(each.run.state is State.DONE for each in await store.listed()):  # noqa: ASYNC110 - others are at it
                await asyncio.sleep(0.05)
    finally:
        await kennel.close()
    await _nothing_lost_or_doubled(database, runs)


async def _nothing_lost_or_doubled(url: str, runs: list[RunId]) -> None:
    steps = [
        ("planning", 1), ("specifying", 1), ("changing", 1), ("checking", 1), ("changing", 2), ("checking", 2), ("proposing", 2),
    ]  # fmt: skip
    async with open_store(Settings(DATABASE_URL=SecretStr(url))) as store:
        assert await store.verify_ledger() == []
        connection = await asyncpg.connect(url)
        for run in runs:
            rows = await connection.fetch("SELECT state, round, step, body FROM output WHERE run = $1 ORDER BY step", run)
            assert [(row["state"], row["round"]) for row in rows] == steps
            assert [row["step"] for row in rows] == list(range(2, 9))
            names = [json.loads(row["body"]).get("goal") or json.loads(row["body"])["engine"] for row in rows]
            assert names == [f"{run} {state} {round_}" for state, round_ in steps]
            entries = await store.ledger(run)
            states = [each["after"].get("state", "received") for each in entries]
            assert states == ["received", *(state for state, _ in steps), "done"]
            assert [each["before"]["state"] for each in entries[1:]] == states[:-1]
        assert await connection.fetchval("SELECT count(*) FROM ledger") == 9 * len(runs)
        assert await connection.fetchval("SELECT count(*) FROM pgqueuer") == 0
        assert await connection.fetchval("SELECT sum(fence) FROM run") > len(runs), "no worker was killed over a run"
        await connection.close()
