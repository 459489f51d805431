"""``/pawl retry``."""

from __future__ import annotations

import pytest

from bot.run import State, Verb
from tests.commands.room import Room


@pytest.mark.parametrize("end", [State.REFUSED, State.FAILED, State.CANCELLED, State.STOPPED])
async def test_what_ended_badly_is_tried_again_on_the_present_head(room: Room, end: State) -> None:
    await room.say("writer", "/pawl docs all of it")
    await room.goes((end, None))
    head = room.people["writer"].pushes(room.name, {"other.py": "x = 1\n"})
    await room.say("keeper", "/pawl retry")
    run, old = await room.runs()
    assert run.instruction.base == head != old.instruction.base
    assert (run.instruction.verb, run.instruction.text) == (Verb.DOCS, old.instruction.text)
    assert run.instruction.requester == room.people["keeper"].login


async def test_a_judgement_is_made_of_what_the_pull_request_holds_by_then(room: Room) -> None:
    number = room.pull()
    await room.say("writer", "/pawl verify it squares", number)
    (first,) = await room.runs(number)
    await room.store.cancel(first.id, "no", "me")
    head = room.people["writer"].pushes(room.name, {"shop.py": "def price(n):\n    return n ** 2\n"}, branch="square")
    await room.say("writer", "/pawl retry", number)
    run, _ = await room.runs(number)
    assert (run.instruction.head, run.instruction.text) == (head, "it squares")


async def test_a_judgement_that_is_done_is_made_again_and_a_change_is_not(room: Room) -> None:
    number = room.pull()
    await room.say("writer", "/pawl verify", number)
    await room.say("writer", "/pawl docs all of it")
    async with room.store._transaction() as connection:
        await connection.execute("UPDATE run SET state = 'done'")
    await room.say("writer", "/pawl retry", number)
    assert [each.state for each in await room.runs(number)] == [State.RECEIVED, State.DONE]
    await room.say("writer", "/pawl retry")
    assert "is done: ask for something new" in room.said()[-1]
    assert len(await room.runs()) == 1


@pytest.mark.parametrize("state", [State.DONE, State.AWAITING_APPROVAL])
async def test_a_verdict_that_is_there_is_asked_for_anew(room: Room, state: State) -> None:
    number = room.pull()
    await room.say("writer", "/pawl verify it squares", number)
    (first,) = await room.runs(number)
    for to in (State.CHECKING, State.PROPOSING, state):
        await room.store.move(first.id, to, "on", "pawl")
    head = room.people["writer"].pushes(room.name, {"shop.py": "def price(n):\n    return n ** 2\n"}, branch="square")
    await room.say("writer", "/pawl retry", number)
    run, old = await room.runs(number)
    assert (run.instruction.head, run.instruction.text, run.instruction.into) == (head, "it squares", "main")
    assert old.id == first.id


async def test_there_is_nothing_to_retry(room: Room) -> None:
    await room.say("writer", "/pawl retry")
    await room.say("writer", "/pawl fix")
    await room.say("writer", "/pawl retry")
    assert "nothing was asked of Pawl here yet" in room.said()[0]
    assert "is at work" in room.said()[1]
    assert len(await room.runs()) == 1


async def test_what_waits_is_woken(room: Room) -> None:
    await room.say("writer", "/pawl fix")
    await room.goes(
        (State.PLANNING, None),
        (State.SPECIFYING, None),
        (State.CHANGING, None),
        (State.CHECKING, None),
        (State.PROPOSING, None),
        (State.AWAITING_APPROVAL, None),
    )
    comment = await room.say("writer", "/pawl retry")
    assert room.reactions(comment) == ["eyes", "rocket"]
    assert len(await room.runs()) == 1


async def test_heard_twice_it_begins_one_run(room: Room) -> None:
    await room.say("writer", "/pawl fix")
    await room.goes((State.REFUSED, None))
    payload = room.payload(room.issue, room.people["writer"].comments(room.name, room.issue, "/pawl retry"))
    delivery = await room.hears(payload)
    await room.hears(payload, delivery)
    assert len(await room.runs()) == 2


async def test_said_under_the_proposal_it_is_asked_for_under_the_issue_again(room: Room) -> None:
    await room.say("writer", "/pawl fix")
    number = room.pull()
    async with room.store._transaction() as connection:
        await connection.execute("UPDATE run SET pull = $1", number)
    await room.goes((State.REFUSED, None))
    comment = await room.say("keeper", "/pawl retry", number)
    run, old = await room.runs()
    origin, before = run.instruction.origin, old.instruction.origin
    assert origin is not None
    assert before is not None
    assert (origin.number, origin.pull, origin.comment) == (before.number, False, comment)
