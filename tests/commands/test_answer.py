"""``/pawl answer``; what answers amount to is tested where they are understood."""

from __future__ import annotations

from tests.commands.room import Room


async def test_an_empty_answer_is_refused(room: Room) -> None:
    await room.say("writer", "/pawl answer")
    assert "the answer is empty" in room.said()[-1]


async def test_where_nothing_was_asked_nothing_can_be_answered(room: Room) -> None:
    await room.say("writer", "/pawl fix")
    comment = await room.say("writer", "/pawl answer A")
    assert "no question is open here" in room.said()[-1]
    assert room.reactions(comment) == ["eyes", "confused"]
    assert len(await room.runs()) == 1
