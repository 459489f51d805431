"""``/pawl plan``: only the plan is asked for."""

from __future__ import annotations

from bot.run import Verb
from tests.commands.room import Room


async def test_a_plan_is_asked_for_and_nothing_else(room: Room) -> None:
    await room.say("writer", "/pawl plan refactor rename `price` to `cost`")
    (run,) = await room.runs()
    assert run.instruction.plan_only
    assert run.instruction.verb is Verb.REFACTOR


async def test_without_a_verb_the_words_tell(room: Room) -> None:
    await room.say("writer", "/pawl plan")
    (run,) = await room.runs()
    assert run.instruction.verb is Verb.FIX
    assert run.instruction.text.startswith("`price(2)` should return 4")
