"""From words to a run: what is an option and what is not, and where nothing may begin."""

from __future__ import annotations

import pytest

from bot.desk import Actor, Place
from bot.errors import Refused
from bot.ids import DeliveryId, Login
from bot.run import EngineChoice, Verb
from bot.speech.wish import Asked, Wording, change
from tests.commands.room import Room


async def test_engine_and_tests_are_options_and_not_words(room: Room) -> None:
    await room.say(
        "writer", "/pawl fix engine=search the total  of sort(key=len) test=tests/test_shop.py::test_price\n    price(2) == 4"
    )
    (run,) = await room.runs()
    assert run.instruction.engine is EngineChoice.SEARCH
    assert run.instruction.tests == ("tests/test_shop.py::test_price",)
    assert run.instruction.text == "the total  of sort(key=len)\n    price(2) == 4"


async def test_so_many_tests_and_no_more(room: Room) -> None:
    await room.say("writer", "/pawl fix " + " ".join(f"test=a.py::t{at}" for at in range(21)))
    assert "21 tests are named and at most 20 are read" in room.said()[0]


async def test_words_that_cannot_be_read_are_refused_at_once(room: Room) -> None:
    comment = await room.say("writer", "/pawl fix " + "long " * 5000)
    assert room.reactions(comment) == ["eyes", "confused"]
    assert "say it shorter" in room.said()[0]
    assert await room.runs() == ()


async def test_nothing_begins_where_pawl_was_declined(room: Room) -> None:
    room.people["writer"].pushes(room.name, {".github/pawl.yml": None})
    async with room.store._transaction() as connection:
        await connection.execute("UPDATE onboarding SET state = 'declined', pull = 9")
    await room.say("admin", "/pawl fix")
    assert "Pawl does nothing here before #<!-- -->9 is merged" in room.said()[0]
    assert await room.runs() == ()


async def test_nothing_begins_before_the_configuration_is_there(room: Room) -> None:
    async with room.store._transaction() as connection:
        await connection.execute("DELETE FROM onboarding")
    room.people["writer"].pushes(room.name, {".github/pawl.yml": None})
    await room.say("admin", "/pawl fix")
    assert "Pawl does nothing here before #" in room.said()[0]
    assert await room.runs() == ()
    room.people["writer"].pushes(room.name, {".github/pawl.yml": "version: 1\n"})
    await room.say("admin", "/pawl fix")
    assert len(await room.runs()) == 1


async def test_nothing_begins_while_the_brake_is_pulled(room: Room) -> None:
    await room.say("admin", "/pawl stop something smells")
    await room.say("writer", "/pawl fix")
    assert await room.runs() == ()
    assert "something smells" in room.said()[-1]


async def test_an_archived_repository_takes_no_proposal(room: Room) -> None:
    place = Place(room.hosted.installation, room.hosted.repo.name, room.repository, room.issue, pull=False)
    room.hosted.double.change(room.name, archived=True)
    with pytest.raises(Refused, match="is archived"):
        await change(Verb.FIX, Wording("mend"), Asked(Actor(Login("mona"), 1, bot=False), place, DeliveryId("d")), room.desk)
    assert await room.runs() == ()
