"""``/pawl cancel``."""

from __future__ import annotations

from bot.run import State
from tests.commands.room import Room


async def test_cancel_gives_up_all_that_goes_on_here(room: Room) -> None:
    await room.say("writer", "/pawl fix\n/pawl docs")
    comment = await room.say("writer", "/pawl cancel")
    assert {each.state for each in await room.runs()} == {State.CANCELLED}
    assert room.reactions(comment) == ["eyes", "rocket"]
    assert room.said()[-1].count("`") == 4
    await room.say("writer", "/pawl cancel")
    assert "nothing goes on here" in room.said()[-1]
