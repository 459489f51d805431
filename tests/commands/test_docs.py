"""``/pawl docs``."""

from __future__ import annotations

from bot.run import Verb
from tests.commands.room import Room


async def test_it_leaves_a_run_of_its_own_verb(room: Room) -> None:
    comment = await room.say("writer", "/pawl docs document `price`")
    (run,) = await room.runs()
    assert run.instruction.verb is Verb.DOCS
    assert run.instruction.text == "document `price`"
    assert run.instruction.origin is not None
    assert run.instruction.origin.comment == comment
