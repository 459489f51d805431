from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.errors import Busy, Fatal, InputError
from bot.history import Changed
from bot.ids import InstallationId, RepoName, RunId, Sha, new_run_id
from bot.ledger.entry import Fact
from bot.plan.plan import Plan
from bot.run import FINAL, TRANSITIONS, WORKED, Instruction, Origin, Run, State, Verb
from bot.settings import Settings
from bot.store.holder import Holder, current
from bot.store.runs import Claim, Transition
from bot.store.store import Store, open_store

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db

ELSEWHERE = Holder("elsewhere", 7, "another boot", "pid:[1]", "99")
PLAN = Plan(Verb.FIX, "make it right", ())


def wish(repo: str = "/repo", text: str = "fix f") -> Instruction:
    return Instruction(Verb.FIX, text, RepoName(repo), Sha("a" * 40))


async def received(store: Store, repo: str = "/repo", *, alone: bool = False) -> RunId:
    return (await store.create(wish(repo), new_run_id(), alone=alone)).id


def as_other(store: Store, who: Holder = ELSEWHERE) -> Store:
    """Return the same store as another worker sees it."""
    return Store(store._pool, store._address, store._lease, who)


async def claimed(store: Store, run: RunId) -> Claim:
    held = await store.claim(run)
    assert held is not None
    return held


async def count(connection: Db, table: str, run: RunId) -> int:
    column = "dedupe_key" if table == "pgqueuer" else "run"
    return int(await connection.fetchval(f"SELECT count(*) FROM {table} WHERE {column} = $1", run))  # noqa: S608


async def expire(connection: Db, run: RunId) -> None:
    await connection.execute("UPDATE run SET lease_until = clock_timestamp() - interval '1 second' WHERE id = $1", run)


async def test_a_run_is_born_with_its_ledger_entry_and_its_job(store: Store, connection: Db) -> None:
    odd = replace(wish(text="NUL \0 and \ud800"), tests=(), answers=("f(1) == 2",))
    run = await store.create(odd, new_run_id())
    assert await store.get(run.id) == run
    assert (run.state, run.round, run.instruction) == (State.RECEIVED, 1, odd)
    (entry,) = await store.ledger(run.id)
    assert (entry["actor"], entry["action"]) == ("local", "run.received")
    assert "NUL" not in str(entry)
    assert await count(connection, "pgqueuer", run.id) == 1
    assert (await store.received(run.id)).endswith("+00:00")


async def test_a_repository_that_cannot_be_written_down_is_refused(store: Store) -> None:
    with pytest.raises(InputError, match="the repository's path holds characters"):
        await received(store, "/caf\udce9")
    assert await store.listed() == ()


@pytest.mark.parametrize("run_id", ["nonsense", "", "\0", "'; DROP TABLE run"])
async def test_an_unknown_run_is_the_users_to_mend(store: Store, run_id: str) -> None:
    for asked in (store.get, store.claim, store.received):
        with pytest.raises(InputError, match="there is no run"):
            await asked(RunId(run_id))


async def test_every_waking_has_a_job_of_its_own(store: Store, connection: Db) -> None:
    run = await received(store)
    assert not await store.wake(run)
    held = await claimed(store, run)
    way = (State.PLANNING, State.SPECIFYING, State.CHANGING, State.CHECKING, State.PROPOSING, State.AWAITING_APPROVAL)
    for state in way:
        after = await store.commit(held, Transition(state, "on"))
        assert after is not None
        held = after
    assert await store.asleep() == (run,)
    assert await store.wake(run)
    assert await store.wake(run)
    jobs = await connection.fetch("SELECT dedupe_key FROM pgqueuer WHERE payload = $1 ORDER BY id", run.encode())
    assert [row["dedupe_key"] for row in jobs] == [f"{run}#1", f"{run}#2"]


async def test_runs_from_github_have_lanes_of_their_own_and_wake_by_themselves(store: Store, connection: Db) -> None:
    origin = Origin(InstallationId(1), repository=7, number=3, requester=9)
    first, second = [(await store.create(replace(wish("o/r"), origin=origin), new_run_id(), alone=False)).id for _ in range(2)]
    held = await claimed(store, first)
    assert await as_other(store).claim(second) is not None
    assert [each.id for each in await store.latest(7, 3)] == sorted([first, second], reverse=True)
    assert await store.latest(7, 4) == ()
    for state in (State.CHECKING, State.PROPOSING, State.AWAITING_APPROVAL):
        after = await store.commit(held, Transition(state, "on"))
        assert after is not None
        held = after
    assert await connection.fetchval("SELECT count(*) FROM pgqueuer WHERE dedupe_key = $1", f"{first}#1") == 1


async def test_lists_are_newest_first_and_by_repository(store: Store) -> None:
    first, second, third = [await received(store, repo) for repo in ("/a", "/b", "/a")]
    assert {each.run.id for each in await store.listed()} == {first, second, third}
    assert [each.run.id for each in await store.listed(most=1)] == [max(first, second, third)]
    of_a = await store.listed(RepoName("/a"))
    assert [each.run.id for each in of_a] == sorted([first, third], reverse=True)
    assert not any(each.at_work for each in of_a)
    await claimed(store, second)
    assert [each.at_work for each in await store.listed(RepoName("/b"))] == [True]


async def test_one_unfinished_run_a_repository(store: Store) -> None:
    first = await received(store, alone=True)
    with pytest.raises(Busy, match=f"run {first} on /repo was left unfinished: go on with it by `pawl run --resume {first}`"):
        await received(store, alone=True)
    held = await claimed(store, first)
    with pytest.raises(Busy, match=f"run {first} is at work on /repo .*: wait until it has ended"):
        await received(store, alone=True)
    assert await store.active(RepoName("/repo")) == held.run
    await received(store, "/other", alone=True)
    await store.commit(held, Transition(State.REFUSED, "no"))
    assert await store.active(RepoName("/repo")) is None
    await received(store, alone=True)


async def test_two_asked_for_at_once_give_one_run(store: Store) -> None:
    found = await asyncio.gather(*(received(store, alone=True) for _ in range(5)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in found) == ["Busy"] * 4 + ["str"]


async def test_a_claimed_run_is_nobody_elses(store: Store) -> None:
    run = await received(store)
    held = await claimed(store, run)
    assert (held.fence, held.step, held.attempts) == (1, 0, 1)
    with pytest.raises(Busy, match=rf"process {current().pid} on .* is at work on run {run}"):
        await claimed(as_other(store), run)
    await store.release(held)
    assert (await claimed(as_other(store), run)).fence == 2


async def test_many_claims_at_once_give_one_claim(store: Store) -> None:
    run = await received(store)
    found = await asyncio.gather(*(store.claim(run) for _ in range(6)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in found) == ["Busy"] * 5 + ["Claim"]


async def test_one_run_of_a_repository_at_a_time(store: Store, connection: Db) -> None:
    first, second = await received(store), await received(store)
    found = await asyncio.gather(store.claim(first), as_other(store).claim(second), return_exceptions=True)
    assert sorted(type(each).__name__ for each in found) == ["Busy", "Claim"]
    loser, winner = (second, first) if isinstance(found[0], Claim) else (first, second)
    with pytest.raises(Busy, match=f"run {winner} is at work on /repo"):
        await claimed(store, loser)
    await expire(connection, winner)
    assert (await claimed(store, loser)).run.id == loser


async def test_a_dead_worker_of_this_machine_is_followed_at_once(store: Store) -> None:
    run = await received(store)
    gone = replace(current(), started="1")
    await claimed(as_other(store, gone), run)
    assert (await claimed(store, run)).fence == 2


async def test_a_dead_workers_run_does_not_block_its_repository(store: Store) -> None:
    first, second = await received(store), await received(store)
    await claimed(as_other(store, replace(current(), started="1")), first)
    assert (await claimed(store, second)).run.id == second


async def test_a_worker_elsewhere_is_followed_when_its_lease_ends(store: Store, connection: Db) -> None:
    run = await received(store)
    old = await claimed(as_other(store), run)
    with pytest.raises(Busy, match="process 7 on elsewhere is at work"):
        await claimed(store, run)
    await expire(connection, run)
    new = await claimed(store, run)
    assert await store.commit(old, Transition(State.PLANNING, "from the grave")) is None
    assert await store.commit(new, Transition(State.PLANNING, "taken up")) is not None
    assert await store.commit(old, Transition(State.PLANNING, "from the grave")) is None
    await store.release(old)
    assert (await store.listed())[0].at_work


async def test_a_lease_that_ended_commits_nothing_even_if_nobody_came(store: Store, connection: Db) -> None:
    run = await received(store)
    held = await claimed(store, run)
    await expire(connection, run)
    assert await store.commit(held, Transition(State.PLANNING, "late", PLAN)) is None
    assert await count(connection, "output", run) == 0
    assert len(await store.ledger(run)) == 1


async def test_a_commit_that_was_written_is_not_written_again(store: Store) -> None:
    held = await claimed(store, await received(store))
    assert await store.commit(held, Transition(State.PLANNING, "once")) is not None
    assert await store.commit(held, Transition(State.PLANNING, "once")) is None


async def test_a_transition_brings_state_output_entry_and_job_together(store: Store, connection: Db) -> None:
    run = await received(store)
    held = await claimed(store, run)
    held = await moved(store, held, State.PLANNING)
    held = await moved(store, held, State.SPECIFYING, PLAN, 1.5)
    assert (await store.history(run)).plan == PLAN
    assert (held.step, held.worked, held.attempts) == (2, 1.5, 0)
    last = (await store.ledger(run))[-1]
    assert (last["actor"], last["action"], last["why"]) == ("pawl", "run.specifying", "on to specifying")
    assert last["before"] == {"state": "planning", "round": 1}
    assert last["after"]["output"] == await connection.fetchval("SELECT digest FROM output WHERE run = $1", run)
    assert await connection.fetchval("SELECT 'sha256:' || encode(sha256(body::text::bytea), 'hex') = digest FROM output")
    assert await count(connection, "pgqueuer", run) == 1
    ended = await store.commit(held, Transition(State.REFUSED, "no \0", kind="InputError"))
    assert ended is not None
    found = await store.get(run)
    assert found == ended.run
    assert (found.state, found.reason, found.kind) == (State.REFUSED, "no \ufffd", "InputError")
    assert await count(connection, "pgqueuer", run) == 0
    assert await connection.fetchval("SELECT holder IS NULL AND lease_until IS NULL FROM run WHERE id = $1", run)


async def moved(store: Store, held: Claim, to: State, output: Plan | Changed | None = None, seconds: float = 0.0) -> Claim:
    after = await store.commit(held, Transition(to, f"on to {to}", output, seconds=seconds))
    assert after is not None
    return after


async def test_findings_open_a_new_round(store: Store) -> None:
    held = await claimed(store, await received(store))
    for to in (State.PLANNING, State.SPECIFYING, State.CHANGING):
        held = await moved(store, held, to)
    held = await moved(store, held, State.CHECKING, Changed("one", None, None))
    assert held.run.round == 1
    held = await moved(store, held, State.CHANGING)
    assert held.run.round == 2
    held = await moved(store, held, State.CHECKING, Changed("two", None, None))
    rounds = (await store.history(held.run.id)).rounds
    assert [each.engine for each, _ in rounds] == ["one", "two"]
    assert (await store.get(held.run.id)).round == 2


async def test_what_the_table_does_not_have_is_a_fault_and_changes_nothing(store: Store) -> None:
    held = await claimed(store, await received(store))
    with pytest.raises(Fatal, match="a run may not go from received to done"):
        await store.commit(held, Transition(State.DONE, "so soon"))
    assert (await store.get(held.run.id)).state is State.RECEIVED


async def test_an_ended_run_cannot_be_claimed(store: Store) -> None:
    held = await claimed(store, await received(store))
    await moved(store, held, State.FAILED)
    assert await store.claim(held.run.id) is None


async def test_claims_over_one_stage_are_counted(store: Store) -> None:
    run = await received(store)
    for number in (1, 2, 3):
        held = await claimed(store, run)
        assert held.attempts == number
        await store.release(held)
    held = await claimed(store, run)
    held = await moved(store, held, State.PLANNING)
    await store.release(held)
    assert (await claimed(store, run)).attempts == 1


async def test_cancelling_an_idle_run_ends_it_at_once(store: Store, connection: Db) -> None:
    run = await received(store)
    assert (await store.cancel(run, "not needed", "ann")).state is State.CANCELLED
    assert (await store.cancel(run, "again", "bob")).reason == "not needed"
    assert [row["actor"] for row in await store.ledger(run)] == ["local", "ann"]
    assert await count(connection, "pgqueuer", run) == 0


async def test_cancelling_a_run_in_work_tells_its_worker(store: Store) -> None:
    held = await claimed(store, await received(store))
    assert (await store.cancel(held.run.id, "not needed", "ann")).state is State.RECEIVED
    assert (await store.ledger(held.run.id))[-1]["action"] == "run.cancel_asked"
    async with store.beating(held) as interrupted:
        assert await interrupted == "not needed"


async def test_cancelling_a_dead_workers_run_ends_it(store: Store) -> None:
    run = await received(store)
    await claimed(as_other(store, replace(current(), started="1")), run)
    assert (await store.cancel(run, "gone", "ann")).state is State.CANCELLED


async def test_a_person_moves_a_run_that_waits(store: Store, connection: Db) -> None:
    held = await claimed(store, await received(store))
    way = (State.PLANNING, State.SPECIFYING, State.CHANGING, State.CHECKING, State.PROPOSING, State.AWAITING_APPROVAL)
    for to in way:
        held = await moved(store, held, to)
    run = held.run.id
    assert await count(connection, "pgqueuer", run) == 0
    assert await store.active(RepoName("/repo")) is None
    with pytest.raises(Fatal, match="from awaiting_approval to planning"):
        await store.move(run, State.PLANNING, "back", "ann")
    assert (await store.move(run, State.CHECKING, "the head moved", "ann")).state is State.CHECKING
    assert await count(connection, "pgqueuer", run) == 1
    assert (await claimed(store, run)).run.reason == "the head moved"


async def test_other_facts_go_into_the_ledger_too(store: Store) -> None:
    entry = await store.note(Fact("policy", "decision.made", "too large", None, {}, {"allow": False}))
    assert entry.seq == 1


@pytest.fixture(scope="module")
def walks(server: str) -> str:
    """One database for all examples."""
    asyncio.run(_make(server, "walks"))
    return server.replace("/postgres?", "/walks?")


async def _make(server: str, name: str) -> None:
    connection = await asyncpg.connect(server)
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE template")
    await connection.close()


@settings(max_examples=25)
@given(walk=st.lists(st.sampled_from(State), max_size=12))
def test_the_store_walks_exactly_the_table(walks: str, walk: list[State]) -> None:
    asyncio.run(_walk(walks, walk))


async def _walk(url: str, walk: list[State]) -> None:
    """Try to go every way in turn; the model is the transition table itself."""
    async with open_store(Settings(DATABASE_URL=SecretStr(url))) as store:
        run = await received(store, f"/repo/{uuid.uuid4()}")
        state, step, round_ = State.RECEIVED, 0, 1
        held: Claim | None = await claimed(store, run)
        for to in walk:
            possible = to in TRANSITIONS[state]
            try:
                if held is not None:
                    held = await store.commit(held, Transition(to, f"to {to}", PLAN if to is State.SPECIFYING else None))
                    assert held is not None
                    if to not in WORKED:
                        held = None
                else:
                    await store.move(run, to, f"to {to}", "ann")
                    held = await claimed(store, run) if to in WORKED else None
            except Fatal:
                assert not possible
                continue
            assert possible
            round_ += (state, to) == (State.CHECKING, State.CHANGING)
            state, step = to, step + 1
            found: Run = await store.get(run)
            assert (found.state, found.round, found.reason) == (state, round_, f"to {to}")
        assert len(await store.ledger(run)) == step + 1
        assert (await store.active((await store.get(run)).instruction.repo) is not None) == (state in WORKED)
        assert state not in FINAL or held is None
