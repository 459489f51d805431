"""A run that waits says anew why, under its fence."""

from __future__ import annotations

from bot.ids import RepoName, Sha, new_run_id
from bot.run import Instruction, State, Verb
from bot.store.store import Store


async def test_a_remark_changes_the_reason_and_nothing_else(store: Store) -> None:
    run = await store.create(Instruction(Verb.FIX, "fix f", RepoName("/r"), Sha("a" * 40)), new_run_id())
    for to in (State.CHECKING, State.PROPOSING, State.AWAITING_APPROVAL):
        await store.move(run.id, to, "on", "pawl")
    held = await store.claim(run.id)
    assert held is not None
    assert await store.remark(held, "one approval is missing")
    after = await store.get(run.id)
    assert (after.state, after.reason) == (State.AWAITING_APPROVAL, "one approval is missing")
    assert (await store.ledger(run.id))[-1]["why"] == "one approval is missing"
    await store.release(held)
    assert not await store.remark(held, "too late")
