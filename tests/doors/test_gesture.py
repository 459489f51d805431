"""Gestures: a label or a button is a command without words, by the same rights."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.command import Answer, Reaction
from bot.desk import Actor, Delivery, Place
from bot.doors.gesture import Gesture, obey
from bot.ids import DeliveryId, InstallationId, Login, RepoName
from tests.commands.room import Room

DELIVERY = Delivery(DeliveryId("d"), "issues", "labeled", {})


def gesture(room: Room, who: str, verb: str, *, bot: bool = False) -> Gesture:
    person = room.people[who]
    place = Place(InstallationId(room.hosted.installation), RepoName(room.name), room.repository, room.issue, pull=False)
    return Gesture(verb, Actor(Login(person.login), person.id, bot), place, "price", "`price(2)` should return 4")


async def test_it_is_obeyed_like_the_command_and_once(room: Room) -> None:
    for _ in range(2):
        answer = await obey(gesture(room, "writer", "fix"), DELIVERY, room.desk)
        assert answer is not None
        assert answer.run is not None
    assert len(await room.runs()) == 1


async def test_who_may_not_say_it_hears_nothing(room: Room) -> None:
    assert await obey(gesture(room, "reader", "fix"), DELIVERY, room.desk) == Answer(Reaction.NOT_PERMITTED)
    assert room.said() == []


async def test_bots_and_pawl_itself_make_no_gestures(room: Room) -> None:
    assert await obey(gesture(room, "admin", "fix", bot=True), DELIVERY, room.desk) is None
    mine = gesture(room, "admin", "fix")
    own = replace(mine, actor=replace(mine.actor, id=room.hosted.facts.bot_id))
    assert await obey(own, DELIVERY, room.desk) is None
    assert await room.runs() == ()


@pytest.mark.parametrize("times", [1, 2])
async def test_what_there_is_to_say_is_said_once(room: Room, times: int) -> None:
    for _ in range(times):
        await obey(gesture(room, "writer", "verify"), DELIVERY, room.desk)
    (said,) = room.said()
    assert "judges a pull request" in said
