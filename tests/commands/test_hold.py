"""``/pawl hold`` and ``/pawl unhold``: nothing is merged while somebody holds it, under the issue or the pull request."""

from __future__ import annotations

from bot.run import State
from tests.commands.proposed import Proposed


async def test_a_hold_disarms_what_was_armed(proposed: Proposed) -> None:
    proposed.needs_reviews(2)
    await proposed.say("keeper", "/pawl approve")
    assert (await proposed.look()).state is State.MERGING
    assert proposed.check() == "success"
    assert "Held" in await proposed.say("writer", "/pawl hold until the release is out")
    assert proposed.check() == "action_required", "the button is closed at once, whenever a worker comes by"
    run = await proposed.look()
    assert run.state is State.AWAITING_APPROVAL
    assert "asked to wait (until the release is out)" in run.reason
    assert not (await proposed.pull()).auto_merge


async def test_a_hold_under_the_issue_counts_too(proposed: Proposed) -> None:
    await proposed.say("keeper", "/pawl approve")
    await proposed.room.say("writer", "/pawl hold")
    assert (await proposed.look()).state is State.AWAITING_APPROVAL


async def test_a_reader_cannot_hold(proposed: Proposed) -> None:
    assert await proposed.say("reader", "/pawl hold") == "eyes -1"
    assert await proposed.room.store.holds.of(proposed.room.repository, (proposed.number,)) == ()
