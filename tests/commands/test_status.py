"""``/pawl status``."""

from __future__ import annotations

from bot.run import State
from tests.commands.room import Room


async def test_status_of_nothing(room: Room) -> None:
    await room.say("reader", "/pawl status\n/pawl explain")
    assert room.said()[0].count("Nothing was asked of Pawl here yet") == 2


async def test_status_lists_runs_with_their_reasons(room: Room) -> None:
    await room.say("writer", "/pawl fix")
    await room.goes((State.REFUSED, None))
    await room.say("writer", "/pawl test")
    await room.say("reader", "/pawl status")
    (said,) = room.said()
    newest, oldest = await room.runs()
    assert said.index(newest.id) < said.index(oldest.id)
    assert "| test | received | received |" in said
    assert "| fix | refused | on |" in said
