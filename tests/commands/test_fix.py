"""``/pawl fix``."""

from __future__ import annotations

import pytest

from bot.run import Verb
from tests.commands.room import Room


async def test_it_leaves_a_run_of_its_own_verb(room: Room) -> None:
    comment = await room.say("writer", "/pawl fix `price(2)` should return 4")
    (run,) = await room.runs()
    assert run.instruction.verb is Verb.FIX
    assert run.instruction.text == "`price(2)` should return 4"
    assert run.instruction.origin is not None
    assert run.instruction.origin.comment == comment


@pytest.mark.parametrize("words", ["", "this", "this issue, please", "it."])
async def test_who_only_points_means_the_issue(room: Room, words: str) -> None:
    await room.say("writer", f"/pawl fix {words}")
    (run,) = await room.runs()
    assert run.instruction.text == "`price(2)` should return 4\n\nIt returns 2."
