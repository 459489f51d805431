"""``/pawl rollback``: a run that undoes what was merged, once, by a maintainer."""

from __future__ import annotations

from bot.run import State
from tests.commands.proposed import Proposed
from tests.commands.room import Room


async def test_a_merged_change_is_taken_back_by_a_run_of_its_own(proposed: Proposed) -> None:
    room = proposed.room
    assert "is not merged" in await proposed.say("keeper", f"/pawl rollback {proposed.id}")
    await proposed.say("keeper", "/pawl approve")
    await proposed.look()
    assert (await proposed.look()).state is State.DONE
    comment = room.people["keeper"].comments(room.name, proposed.number, "/pawl rollback")
    for _ in range(2):
        await room.hears(room.payload(proposed.number, comment), "the-same")
    reverting = [each for each in await room.runs(proposed.number) if each.instruction.reverts]
    assert len(reverting) == 1
    undone = reverting[0].instruction.reverts
    assert undone is not None
    assert (undone.run, undone.base, undone.head) == (proposed.id, proposed.base, proposed.head)
    assert reverting[0].instruction.text == f"Revert #{proposed.number}: Mend it"
    assert reverting[0].instruction.base != proposed.base
    assert "takes that back already" in await proposed.say("admin", "/pawl rollback")


async def test_who_may_only_write_cannot(proposed: Proposed) -> None:
    assert await proposed.say("writer", "/pawl rollback") == "eyes -1"


async def test_where_nothing_was_merged(room: Room) -> None:
    await room.say("keeper", "/pawl rollback")
    assert "no change of Pawl's was merged from here" in room.said()[-1]
