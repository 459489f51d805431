"""Lists of runs from a real Postgres: under what they were asked for, what opened a pull request, what sleeps, what goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.errors import InputError
from bot.history import Sealed
from bot.ids import InstallationId, PullNumber, RepoName, RunId, Sha, new_run_id
from bot.run import Instruction, Origin, State, Verb
from bot.store.runs import Transition
from bot.store.store import Store

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db


async def asked(store: Store, repository: int = 2, number: int = 3, installation: int = 9) -> RunId:
    origin = Origin(InstallationId(installation), repository, number, 1)
    wish = Instruction(Verb.FIX, "f", RepoName("o/r"), Sha("a" * 40), origin=origin)
    return (await store.create(wish, new_run_id(), alone=False)).id


async def stands(connection: Db, run: RunId, state: State) -> None:
    await connection.execute("UPDATE run SET state = $2 WHERE id = $1", run, state.value)


async def test_a_run_is_found_under_its_issue_and_under_the_pull_request_it_opened(store: Store, connection: Db) -> None:
    run, other = await asked(store), await asked(store, number=40)
    await stands(connection, run, State.PROPOSING)
    held = await store.claim(run)
    assert held is not None
    await store.commit(held, Transition(State.AWAITING_APPROVAL, "proven", Sealed("/b", "sha256:0", "pawl/3-f", PullNumber(8))))
    assert [each.id for each in await store.latest(2, 3)] == [run]
    assert [each.id for each in await store.latest(2, 8)] == [run]
    assert [each.id for each in await store.latest(2, 40)] == [other]
    assert await store.latest(7, 8) == ()
    assert await store.asleep(2, 8) == (run,)


async def test_who_sleeps_where(store: Store, connection: Db) -> None:
    here, there, elsewhere, awake = [await asked(store, *each) for each in ((2, 3), (2, 4), (5, 3), (2, 3))]
    for run in (here, there, elsewhere):
        await stands(connection, run, State.AWAITING_APPROVAL)
    assert set(await store.asleep()) == {here, there, elsewhere}
    assert set(await store.asleep(2)) == {here, there}
    assert await store.asleep(2, 3) == (here,)
    await connection.execute("DELETE FROM pgqueuer")
    assert await store.wake_all(2) == 2
    assert await store.wake_all(2, 99) == 0
    assert await connection.fetchval("SELECT count(*) FROM pgqueuer") == 2
    assert awake not in await store.asleep()


async def test_what_has_not_ended_in_an_installation(store: Store, connection: Db) -> None:
    mine, other_repository, other_installation, ended = [
        await asked(store, *each) for each in ((2, 3, 9), (5, 3, 9), (2, 3, 8), (2, 3, 9))
    ]
    await stands(connection, ended, State.REFUSED)
    await store.create(Instruction(Verb.FIX, "f", RepoName("/r"), Sha("a" * 40)), new_run_id())
    assert {each.id for each in await store.unfinished(InstallationId(9))} == {mine, other_repository}
    assert [each.id for each in await store.unfinished(InstallationId(9), 2)] == [mine]
    assert [each.id for each in await store.unfinished(InstallationId(8))] == [other_installation]


async def test_how_far_a_run_is(store: Store) -> None:
    run = await asked(store)
    assert await store.step(run) == 0
    held = await store.claim(run)
    assert held is not None
    await store.commit(held, Transition(State.PLANNING, "taken up"))
    assert await store.step(run) == 1
    with pytest.raises(InputError, match="there is no run"):
        await store.step(RunId("nonsense"))
