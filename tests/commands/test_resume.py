"""``/pawl resume``: a second person, and what waits goes on."""

from __future__ import annotations

from bot.run import State
from tests.commands.proposed import Proposed
from tests.commands.room import Room


async def test_who_stopped_cannot_go_on_and_somebody_else_can(proposed: Proposed) -> None:
    room = proposed.room
    room.people["owner"] = room.hosted.owner
    await proposed.say("keeper", "/pawl approve")
    await proposed.say("admin", "/pawl stop")
    assert (await proposed.look()).state is State.AWAITING_APPROVAL
    assert "a second person has to release it" in await proposed.say("admin", "/pawl resume")
    assert "Going on" in await proposed.say("owner", "/pawl resume")
    assert (await proposed.look()).state is State.MERGING


async def test_an_account_that_is_stopped_needs_its_owner(room: Room) -> None:
    room.people["owner"] = room.hosted.owner
    await room.say("owner", "/pawl stop --installation")
    await room.say("admin", "/pawl resume")
    assert "only an owner of it goes on" in room.said()[-1]
    assert len(await room.store.brakes.all_pulled()) == 1


async def test_where_nothing_is_stopped(room: Room) -> None:
    await room.say("admin", "/pawl resume")
    assert "nothing is stopped here" in room.said()[-1]
