"""``/pawl verify``."""

from __future__ import annotations

import pytest

from bot.run import State
from tests.commands.proposed import Proposed
from tests.commands.room import Room


@pytest.mark.parametrize("fork", [False, True])
async def test_a_pull_request_is_judged_whoever_wrote_it(room: Room, *, fork: bool) -> None:
    number = room.pull("stranger" if fork else "writer", fork=fork)
    room.people["writer"].pushes(room.name, {"other.py": "x = 1\n"})
    await room.say("sorter", "/pawl verify", number)
    (run,) = await room.runs(number)
    read = room.hosted.double.get
    assert run.instruction.head == read(f"/repos/{room.name}/pulls/{number}")["head"]["sha"]
    assert run.instruction.base != read(f"/repos/{room.name}/branches/main")["commit"]["sha"]
    assert run.instruction.text == ""
    assert run.instruction.origin is not None
    assert run.instruction.origin.pull


async def test_an_issue_has_nothing_to_judge(room: Room) -> None:
    comment = await room.say("sorter", "/pawl verify")
    assert room.reactions(comment) == ["eyes", "confused"]
    assert "this is an issue: say it under the pull request" in room.said()[0]


async def test_what_is_closed_is_not_judged(room: Room) -> None:
    number = room.pull()
    room.people["writer"].close(room.name, number)
    await room.say("sorter", "/pawl verify", number)
    assert "this pull request is closed" in room.said(number)[0]
    assert await room.runs(number) == ()


async def test_what_the_speaker_says_it_is_for_is_told_to_the_gates(room: Room) -> None:
    number = room.pull()
    await room.say("sorter", "/pawl verify it should square", number)
    (run,) = await room.runs(number)
    assert run.instruction.text == "it should square"


async def test_another_head_is_judged_and_the_one_before_no_more(room: Room) -> None:
    number = room.pull()
    await room.say("sorter", "/pawl verify", number)
    room.people["writer"].pushes(room.name, {"shop.py": "def price(n):\n    return n ** 2\n"}, branch="square")
    await room.say("sorter", "/pawl verify", number)
    now, before = await room.runs(number)
    assert (now.state, before.state) == (State.RECEIVED, State.CANCELLED)


async def test_what_pawl_itself_proves_is_not_judged_beside(proposed: Proposed) -> None:
    assert "proves it and watches over it" in await proposed.say("sorter", "/pawl verify")
    assert len(await proposed.room.runs(proposed.number)) == 1
