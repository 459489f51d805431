"""``/pawl unhold``: every hold goes, the label too, and the merge goes on."""

from __future__ import annotations

from bot.run import State
from tests.commands.proposed import Proposed


async def test_everybodys_holds_and_the_label_are_lifted(proposed: Proposed) -> None:
    room = proposed.room
    await proposed.say("keeper", "/pawl approve")
    await room.say("writer", "/pawl hold")
    room.people["admin"].labels(room.name, proposed.number, "pawl:hold")
    run = await proposed.look()
    assert run.state is State.AWAITING_APPROVAL
    assert "the label pawl:hold" in run.reason
    assert "No longer held by" in await proposed.say("keeper", "/pawl unhold")
    assert (await proposed.look()).state is State.MERGING
    assert (await proposed.look()).state is State.DONE


async def test_where_nothing_is_held_there_is_nothing_to_lift(proposed: Proposed) -> None:
    assert "nothing is held here" in await proposed.say("keeper", "/pawl unhold")
