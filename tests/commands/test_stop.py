"""``/pawl stop``: at once, for good, and by an administrator only."""

from __future__ import annotations

from bot.run import State
from tests.commands.proposed import Proposed
from tests.commands.room import Room


async def test_it_disarms_ends_what_works_and_lets_nothing_start(proposed: Proposed) -> None:
    room = proposed.room
    proposed.needs_reviews(2)
    await proposed.say("keeper", "/pawl approve")
    assert (await proposed.look()).state is State.MERGING
    await room.say("writer", "/pawl fix")
    working = next(each for each in await room.runs() if each.state is State.RECEIVED)
    told = await proposed.say("admin", "/pawl stop it merges the wrong things")
    assert "**Stopped.**" in told
    assert f"{room.name}#{proposed.number}" in told
    assert not (await proposed.pull()).auto_merge
    assert (await room.store.get(working.id)).state is State.STOPPED
    run = await proposed.look()
    assert run.state is State.AWAITING_APPROVAL
    assert "it merges the wrong things" in run.reason
    comment = await room.say("writer", "/pawl fix it again")
    assert "stopped this repository" in room.said()[-1]
    assert room.reactions(comment) == ["eyes", "confused"]
    assert await room.store.verify_ledger() == []


async def test_a_maintainer_cannot_stop(room: Room) -> None:
    comment = await room.say("keeper", "/pawl stop")
    assert room.reactions(comment) == ["eyes", "-1"]
    assert await room.store.brakes.all_pulled() == ()


async def test_only_the_accounts_owner_stops_all_of_it(room: Room) -> None:
    await room.say("admin", "/pawl stop --installation")
    assert "only an owner of the account" in room.said()[-1]
    assert await room.store.brakes.all_pulled() == ()
    room.people["owner"] = room.hosted.owner
    await room.say("owner", "/pawl stop --installation now")
    (brake,) = await room.store.brakes.all_pulled()
    assert (brake.repository, brake.why) == (None, "now")


async def test_tokens_are_revoked(room: Room) -> None:
    held = await room.hosted.app.token(room.hosted.installation, room.hosted.repo.name)
    await room.say("admin", "/pawl stop")
    assert await room.hosted.app.token(room.hosted.installation, room.hosted.repo.name) != held


async def test_said_twice_it_is_one_stop(room: Room) -> None:
    await room.say("admin", "/pawl stop first")
    await room.say("admin", "/pawl stop second")
    (brake,) = await room.store.brakes.all_pulled()
    assert brake.why == "first"
