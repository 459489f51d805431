"""The emergency stop in a real Postgres: it holds, it ends what works, and a second person has to release it."""

from __future__ import annotations

import pytest

from bot.errors import Refused
from bot.ids import InstallationId, Login, RepoName, Sha, new_run_id
from bot.policy.standing import Person
from bot.run import Instruction, Origin, Run, State, Verb
from bot.store.runs import Transition
from bot.store.store import Store

ANN, BOB = Person(1, Login("ann")), Person(2, Login("bob"))
HERE = InstallationId(9)


async def received(store: Store, repository: int = 5, installation: int = 9) -> Run:
    origin = Origin(InstallationId(installation), repository, 3, 1)
    wish = Instruction(Verb.FIX, "fix f", RepoName("o/r"), Sha("a" * 40), requester="ann", door="github", origin=origin)
    return await store.create(wish, new_run_id(), alone=False)


async def test_a_brake_stops_its_repository_and_no_other(store: Store) -> None:
    mine, other = await received(store), await received(store, repository=6)
    brake = await store.brakes.pull(HERE, 5, ANN, "it went mad")
    assert await store.brakes.pull(HERE, 5, BOB, "again") == brake
    why = await store.brakes.why(mine)
    assert why is not None
    assert why.startswith("ann stopped this repository on ")
    assert "(it went mad)" in why
    assert await store.brakes.why(other) is None


async def test_an_installations_brake_stops_all_of_it(store: Store) -> None:
    mine, elsewhere = await received(store), await received(store, installation=8)
    brake = await store.brakes.pull(HERE, None, ANN, "")
    assert "every repository" in str(await store.brakes.why(mine))
    assert await store.brakes.why(elsewhere) is None
    assert await store.brakes.pulled(HERE, None) == (brake,)


async def test_what_works_ends_and_what_waits_is_woken(store: Store) -> None:
    queued, held_run, waiting = await received(store), await received(store), await received(store)
    for to in (State.CHECKING, State.PROPOSING, State.AWAITING_APPROVAL):
        await store.move(waiting.id, to, "on", "pawl")
    held = await store.claim(held_run.id)
    assert held is not None
    brake = await store.brakes.pull(HERE, 5, ANN, "")
    assert await store.brakes.apply(brake) == (waiting.id,)
    assert await store.brakes.apply(brake) == (waiting.id,)
    assert (await store.get(queued.id)).state is State.STOPPED
    assert (await store.get(waiting.id)).state is State.AWAITING_APPROVAL
    async with store.beating(held) as interrupted:
        assert await interrupted == brake.sentence
        assert await store.commit(held, Transition(State.STOPPED, brake.sentence)) is not None
    assert await store.brakes.apply(brake) == (waiting.id,)
    actions = [each["action"] for each in await store.ledger(queued.id)]
    assert actions == ["run.received", "run.stopped"]
    assert await store.verify_ledger() == []


async def test_who_pulled_it_cannot_release_it(store: Store) -> None:
    run = await received(store)
    brake = await store.brakes.pull(HERE, 5, ANN, "")
    with pytest.raises(Refused, match="a second person"):
        await store.brakes.release(brake, ANN)
    assert await store.brakes.why(run)
    await store.brakes.release(brake, BOB)
    await store.brakes.release(brake, BOB)
    assert await store.brakes.why(run) is None
    assert await store.brakes.pull(HERE, 5, BOB, "") != brake


async def test_a_laptops_run_has_no_brake(store: Store) -> None:
    wish = Instruction(Verb.FIX, "fix f", RepoName("/repo"), Sha("a" * 40))
    assert await store.brakes.why(Run(new_run_id(), wish, State.RECEIVED)) is None
