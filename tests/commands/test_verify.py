"""``/pawl verify``."""

from __future__ import annotations

import pytest

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
