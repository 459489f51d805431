"""Calls to models in a real Postgres: a row and a ledger entry each, and sums by run, person, repository and day."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from bot.errors import Fatal
from bot.ids import InstallationId, RepoName, RunId, Sha, new_run_id
from bot.llm.asking import Duty, OverBudget, Usage
from bot.llm.budget import Budget
from bot.llm.journal import UNDER_WAY, Call, Switch
from bot.llm.spending import Spending
from bot.run import Instruction, Origin, Verb
from bot.settings import Settings
from bot.store.completions import Purse
from bot.store.store import Store, open_store

if TYPE_CHECKING:
    from bot.store.connection import Connection

CALL = Call(Duty.CRITIC, "openai", "gpt-5", Usage(1_000, 100, 400, 0.25, 1), 1.23456, "answered")


MOST = Usage(1_200, 8_000, 0, 0.5, 1)
DAY = Budget()


async def run_of(store: Store, requester: int = 1, repository: int = 2) -> RunId:
    origin = Origin(InstallationId(9), repository, 3, requester)
    wish = Instruction(Verb.FIX, "fix f", RepoName(f"o/r{repository}"), Sha("a" * 40), origin=origin)
    return (await store.create(wish, new_run_id(), alone=False)).id


async def written(store: Store, run: RunId, call: Call) -> None:
    await store.completions.called(run, await store.completions.begun(run, replace(call, usage=MOST, outcome=UNDER_WAY)), call)


async def test_a_call_is_a_row_and_a_ledger_entry(store: Store, connection: Connection) -> None:
    run = await run_of(store)
    await written(store, run, replace(CALL, outcome="did not fit", why="n: \0 is no number"))
    row = await connection.fetchrow("SELECT * FROM completion")
    assert row is not None
    assert (row["run"], row["duty"], row["provider"], row["model"]) == (run, "critic", "openai", "gpt-5")
    assert (row["input"], row["output"], row["cached"], row["money"], row["outcome"]) == (1_000, 100, 400, 0.25, "did not fit")
    entry = (await store.ledger(run))[-1]
    assert (entry["actor"], entry["action"]) == ("model:openai:gpt-5", "model.called")
    assert entry["why"] == "did not fit: n: \ufffd is no number"
    assert entry["after"] == {
        "duty": "critic",
        "model": "openai:gpt-5",
        "input": 1_000,
        "output": 100,
        "cached": 400,
        "money": 0.25,
        "seconds": 1.235,
    }
    assert await store.verify_ledger() == []


async def test_a_switch_is_a_ledger_entry(store: Store) -> None:
    run = await run_of(store)
    await store.completions.switched(run, Switch(Duty.PLANNER, "openai:a", "local:b", "rate limited: slow down"))
    entry = (await store.ledger(run))[-1]
    assert (entry["actor"], entry["action"], entry["why"]) == ("model:openai:a", "model.switched", "rate limited: slow down")
    assert (entry["before"], entry["after"]) == ({"model": "openai:a"}, {"model": "local:b", "duty": "planner"})


async def test_row_and_entry_come_together_or_not_at_all(store: Store, connection: Connection) -> None:
    run = await run_of(store)
    number = await store.completions.begun(run, replace(CALL, usage=MOST, outcome=UNDER_WAY))
    before = len(await store.ledger(run))
    with pytest.raises(Fatal, match="the database says"):
        await store.completions.called(run, number, replace(CALL, usage=Usage(1, 1, 2)))
    await connection.execute("ALTER TABLE ledger ADD CHECK (action <> 'model.called') NOT VALID")
    with pytest.raises(Fatal, match="the database says"):
        await store.completions.called(run, number, CALL)
    assert await connection.fetchval("SELECT outcome FROM completion") == UNDER_WAY
    assert len(await store.ledger(run)) == before
    assert await store.completions.spent(run) == MOST


async def test_what_a_run_spent(store: Store) -> None:
    run, other = await run_of(store), await run_of(store)
    await written(store, run, CALL)
    await written(store, run, CALL)
    await written(store, other, CALL)
    assert await store.completions.spent(run) == Usage(2_000, 200, 800, 0.5, 2)
    await written(store, run, replace(CALL, usage=Usage(7, 8, 0, None, 1)))
    assert await store.completions.spent(run) == Usage(2_007, 208, 800, None, 3)
    assert await store.completions.spent(run, known=True) == Usage(2_007, 208, 800, 0.5, 3)


async def test_a_call_whose_end_is_never_heard_stays_on_the_bill_at_its_most(store: Store) -> None:
    run = await run_of(store)
    begun = replace(CALL, usage=MOST, seconds=0.0, outcome=UNDER_WAY)
    await store.completions.begun(run, begun)
    assert await store.completions.spent(run) == MOST
    assert await store.completions.by_author(run) == ()
    before = len(await store.ledger(run))
    number = await store.completions.begun(run, begun)
    (entry,) = (await store.ledger(run))[before:]
    assert entry["why"] == "lost: the process that asked ended before the answer; what it cost is estimated"
    assert entry["after"]["output"] == MOST.output
    await store.completions.called(run, number, CALL)
    assert await store.completions.spent(run) == MOST + CALL.usage
    assert await store.completions.by_author(run) == (Spending(Duty.CRITIC, "openai:gpt-5", MOST + CALL.usage, 1),)


async def left(store: Store, run: RunId, purse: Purse) -> bool:
    """Return whether a purse lets one more call out."""
    try:
        await store.completions.begun(run, replace(CALL, usage=MOST, outcome=UNDER_WAY), (purse,))
    except OverBudget:
        return False
    return True


async def test_what_runs_share_is_counted_by_repository_person_and_day(store: Store, connection: Connection) -> None:
    for requester, repository in ((1, 10), (1, 20), (2, 20)):
        await written(store, await run_of(store, requester, repository), CALL)
    old = await run_of(store, 1, 10)
    await written(store, old, CALL)
    await connection.execute("UPDATE completion SET at = at - interval '25 hours' WHERE run = $1", old)
    run = await run_of(store, 9, 90)
    scopes = (Purse(DAY), Purse(DAY, user=1), Purse(DAY, repository=20), Purse(DAY, 20, 1), Purse(DAY, user=3))
    for calls, purse in zip((4, 3, 3, 2, 1), scopes, strict=True):
        assert not await left(store, run, replace(purse, budget=Budget(calls=calls - 1)))
        assert await left(store, run, replace(purse, budget=Budget(calls=calls)))
        await connection.execute("DELETE FROM completion WHERE run = $1", run)
    for money in (1.24, 1.26):
        assert await left(store, run, Purse(Budget(money=money))) is (money > 0.75 + 0.5)


async def test_processes_at_once_do_not_take_the_rest_of_a_budget_more_than_once(database: str) -> None:
    settings = Settings(DATABASE_URL=SecretStr(database))
    async with open_store(settings) as one, open_store(settings) as two:
        runs = [await run_of(one, 1, 10) for _ in range(8)]
        purse = Purse(Budget(calls=3, whose="o/r10"), repository=10)
        went = await asyncio.gather(*(left(store, run, purse) for run, store in zip(runs, (one, two) * 4, strict=True)))
    assert sum(went) == 3


async def test_what_was_spent_is_told_by_duty_and_author(store: Store) -> None:
    run = await run_of(store)
    assert await store.completions.by_author(run) == ()
    other = replace(CALL, duty=Duty.PLANNER, model="gpt-6", usage=Usage(5, 5, 0, None, 1))
    for each in (CALL, replace(CALL, outcome="did not fit"), other, replace(other, outcome="429")):
        await written(store, run, each)
    await written(store, await run_of(store), CALL)
    assert await store.completions.by_author(run) == (
        Spending(Duty.CRITIC, "openai:gpt-5", Usage(2_000, 200, 800, 0.5, 2), 1),
        Spending(Duty.PLANNER, "openai:gpt-6", Usage(10, 10, 0, None, 2), 1),
    )
