"""``/pawl help``."""

from __future__ import annotations

from bot.doors.hearing import known
from tests.commands.room import Room


async def test_help_lists_every_verb(room: Room) -> None:
    comment = await room.say("stranger", "/pawl")
    (said,) = room.said()
    assert all(f"`{command.usage}`" in said for command in known().values())
    assert room.reactions(comment) == ["eyes", "rocket"]


async def test_help_of_a_verb_has_who_may_and_examples(room: Room) -> None:
    await room.say("reader", "/pawl help verify")
    (said,) = room.said()
    assert "Least permission: **triage**" in said
    assert "    /pawl verify" in said


async def test_help_of_no_verb_names_the_nearest(room: Room) -> None:
    comment = await room.say("reader", "/pawl help verfy")
    assert "did you mean `/pawl verify`?" in room.said()[0]
    assert room.reactions(comment) == ["eyes", "confused"]
