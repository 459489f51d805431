"""``/pawl revoke``: what was armed by an approval no longer is."""

from __future__ import annotations

from bot.run import State
from tests.commands.proposed import Proposed


async def test_an_approval_taken_back_disarms(proposed: Proposed) -> None:
    proposed.needs_reviews(2)
    await proposed.say("keeper", "/pawl approve")
    assert (await proposed.look()).state is State.MERGING
    assert (await proposed.pull()).auto_merge
    assert "no longer counts" in await proposed.say("keeper", "/pawl revoke")
    run = await proposed.look()
    assert run.state is State.AWAITING_APPROVAL
    assert "one approval by a maintainer" in run.reason
    assert not (await proposed.pull()).auto_merge


async def test_an_approving_review_is_taken_back_too(proposed: Proposed) -> None:
    room = proposed.room
    room.people["keeper"].reviews(room.name, proposed.number, commit=proposed.head)
    assert "no longer counts" in await proposed.say("keeper", "/pawl revoke")
    assert (await proposed.look()).state is State.AWAITING_APPROVAL


async def test_who_did_not_approve_has_nothing_to_take_back(proposed: Proposed) -> None:
    assert "you have not approved" in await proposed.say("keeper", "/pawl revoke")
