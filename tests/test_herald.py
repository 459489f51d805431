"""The herald: every transition of a run from GitHub is told, last state last, and who gave up calls a person."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.errors import Refused, Retryable
from bot.herald import NEEDS_HUMAN, Herald, needs_human
from bot.ids import InstallationId, RepoName, RunId, Sha, new_run_id
from bot.run import Instruction, Origin, Run, State, Verb
from bot.store.runs import Transition
from bot.store.store import Store

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db

WISH = Instruction(Verb.FIX, "f", RepoName("o/r"), Sha("a" * 40), origin=Origin(InstallationId(1), 2, 3, 4))


class Crowd:
    """Hears what is told."""

    def __init__(self, *errors: Exception) -> None:
        self.heard: list[State] = []
        self.labels: list[str] = []
        self.errors = list(errors)

    async def tell(self, run: Run) -> None:
        if self.errors:
            raise self.errors.pop()
        self.heard.append(run.state)

    async def label(self, _run: Run, name: str) -> None:
        self.labels.append(name)

    def herald(self, store: Store) -> Herald:
        return Herald(store, self.tell, self.label, timedelta(milliseconds=1))


async def received(store: Store) -> RunId:
    return (await store.create(WISH, new_run_id(), alone=False)).id


async def moved(store: Store, run: RunId, *ways: Transition) -> None:
    held = await store.claim(run)
    for each in ways:
        assert held is not None
        held = await store.commit(held, each)
    if held is not None:
        await store.release(held)


async def told(store: Store, crowd: Crowd) -> None:
    async with asyncio.timeout(60):
        await store.consume_notices(crowd.herald(store).told, asyncio.Event(), until_empty=True)


async def notices(connection: Db) -> int:
    found: int = await connection.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'notice'")
    return found


async def test_every_transition_leaves_a_notice_in_its_own_transaction(store: Store, connection: Db) -> None:
    run = await received(store)
    assert await notices(connection) == 1
    await moved(store, run, Transition(State.PLANNING, "taken up"), Transition(State.REFUSED, "no"))
    assert await notices(connection) == 3
    cancelled = await received(store)
    await store.cancel(cancelled, "no longer wanted", "me")
    assert await notices(connection) == 5


async def test_a_laptops_run_is_told_to_nobody(store: Store, connection: Db) -> None:
    await store.create(Instruction(Verb.FIX, "f", RepoName("/r"), Sha("a" * 40)), new_run_id())
    assert await notices(connection) == 0


async def test_what_is_told_is_where_the_run_stands_by_then(store: Store) -> None:
    run = await received(store)
    await moved(store, run, Transition(State.PLANNING, "taken up"), Transition(State.REFUSED, "no"))
    crowd = Crowd()
    await told(store, crowd)
    assert set(crowd.heard) == {State.REFUSED}
    assert crowd.labels == []


async def test_a_transition_while_it_is_told_is_told_after_it(store: Store) -> None:
    run = await received(store)
    heard = []

    async def tell(seen: Run) -> None:
        heard.append(seen.state)
        if seen.state is State.RECEIVED:
            await moved(store, run, Transition(State.PLANNING, "taken up"))

    await Herald(store, tell, Crowd().label).told(run)
    assert heard == [State.RECEIVED, State.PLANNING]


async def test_the_notices_of_one_run_are_told_one_after_the_other(store: Store) -> None:
    run = await received(store)
    now, most = 0, 0

    async def tell(_run: Run) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1

    herald = Herald(store, tell, Crowd().label)
    await asyncio.gather(*(herald.told(run) for _ in range(5)))
    assert most == 1
    assert herald._telling == {}


@pytest.mark.parametrize(
    ("error", "again"), [(Retryable("away"), timedelta(milliseconds=1)), (Refused("the issue is locked"), None)]
)
async def test_what_may_get_through_later_is_told_again(store: Store, error: Exception, again: timedelta | None) -> None:
    run = await received(store)
    assert await Crowd(error).herald(store).told(run) == again


async def test_a_run_that_is_unknown_is_told_to_nobody(store: Store) -> None:
    crowd = Crowd()
    assert await crowd.herald(store).told(RunId("nonsense")) is None
    assert crowd.heard == []


async def test_who_gave_up_trying_again_calls_a_person(store: Store) -> None:
    run = await received(store)
    await moved(store, run, Transition(State.FAILED, "5 tries came to nothing", kind="Retryable"))
    crowd = Crowd()
    await told(store, crowd)
    assert set(crowd.labels) == {NEEDS_HUMAN}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", ["", "Fatal", "Retryable"])
def test_only_giving_up_calls_a_person(state: State, kind: str) -> None:
    assert needs_human(Run(new_run_id(), WISH, state, kind=kind)) == (state is State.FAILED and kind == "Retryable")
