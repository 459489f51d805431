"""``/pawl why``: exactly what is missing, and who can supply it."""

from __future__ import annotations

from tests.commands.proposed import Proposed, propose, protect
from tests.commands.room import Room


async def test_it_names_what_is_missing_and_who_can_supply_it(proposed: Proposed) -> None:
    people = proposed.room.people
    told = await proposed.say("reader", "/pawl why")
    assert "one approval by a maintainer" in told
    assert f"`@{people['keeper'].login}`" in told
    assert f"`@{people['admin'].login}`" in told
    assert f"`@{people['writer'].login}`" not in told


async def test_it_says_whose_approval_does_not_count(proposed: Proposed) -> None:
    room = proposed.room
    room.people["writer"].reviews(room.name, proposed.number, commit=proposed.head)
    told = await proposed.say("writer", "/pawl why")
    assert "does not count: asked for the change" in told


async def test_it_names_the_setting_and_the_hold(proposed: Proposed) -> None:
    protect(proposed.room, required_status_checks=None)
    await proposed.say("keeper", "/pawl hold")
    told = await proposed.say("keeper", "/pawl why")
    assert "does not require the check pawl" in told
    assert "asked to wait" in told


async def test_where_nobody_can_approve_it_says_so(room: Room) -> None:
    proposed = await propose(room, "keeper")
    admin, owner = room.people["admin"], room.hosted.owner
    told = await proposed.say("reader", "/pawl why")
    assert f"`@{admin.login}`" in told
    assert f"`@{owner.login}`" in told
    assert f"`@{room.people['keeper'].login}`" not in told


async def test_everything_is_there(proposed: Proposed) -> None:
    await proposed.say("keeper", "/pawl approve")
    told = await proposed.say("reader", "/pawl why")
    assert "Approved by" in told
    assert "Nothing is missing" in told


async def test_before_anything_is_proposed(room: Room) -> None:
    await room.say("reader", "/pawl why")
    assert "nothing was asked of Pawl here yet" in room.said()[-1]
    await room.say("writer", "/pawl fix")
    await room.say("reader", "/pawl why")
    assert "is **received**" in room.said()[-1]
