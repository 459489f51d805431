"""Which run proposed which pull request."""

from __future__ import annotations

from bot.history import Sealed
from bot.ids import InstallationId, PullNumber, RepoName, Sha, new_run_id
from bot.run import Instruction, Origin, Run, State, Verb
from bot.store.runs import Transition
from bot.store.store import Store


async def proposed(store: Store, number: int) -> Run:
    origin = Origin(InstallationId(9), 5, 3, 1)
    wish = Instruction(Verb.FIX, "fix f", RepoName("o/r"), Sha("a" * 40), requester="ann", door="github", origin=origin)
    run = await store.create(wish, new_run_id(), alone=False)
    for to in (State.CHECKING, State.PROPOSING):
        await store.move(run.id, to, "on", "pawl")
    held = await store.claim(run.id)
    assert held is not None
    sealed = Sealed("bundle", "sha256:0", "pawl/3-fix-f", PullNumber(number))
    after = await store.commit(held, Transition(State.AWAITING_APPROVAL, "proven", sealed))
    assert after is not None
    return after.run


async def test_the_pull_request_of_a_run(store: Store) -> None:
    first, other = await proposed(store, 7), await proposed(store, 8)
    assert await store.pull_of_run(first.id) == 7
    assert await store.pull_of_run(other.id) == 8
