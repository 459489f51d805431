"""``/pawl add``."""

from __future__ import annotations

from bot.run import Verb
from tests.commands.room import Room


async def test_it_leaves_a_run_of_its_own_verb(room: Room) -> None:
    comment = await room.say("writer", "/pawl add `slug(text)`: `slug(1)` should return 2")
    (run,) = await room.runs()
    assert run.instruction.verb is Verb.ADD
    assert run.instruction.text == "`slug(text)`: `slug(1)` should return 2"
    assert run.instruction.origin is not None
    assert run.instruction.origin.comment == comment
