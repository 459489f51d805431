"""The proposal that a command is about: found under the pull request and under the issue, and waiting or refused."""

from __future__ import annotations

from typing import Any

import pytest

from bot.command import Call
from bot.decision import proposal
from bot.desk import Actor, Place
from bot.errors import Refused
from bot.ids import DeliveryId, InstallationId, Login, RepoName
from bot.run import State
from bot.spoken import Spoken
from tests.commands.proposed import Proposed, proposed
from tests.commands.room import Room, room
from tests.github.hosted import hub

__all__ = ["hub", "proposed", "room"]


def call(room: Room, number: int) -> Call:
    place = Place(InstallationId(room.hosted.installation), RepoName(room.name), room.repository, number, pull=True)
    return Call(Spoken("why"), Actor(Login("ann"), 1, bot=False), place, None, DeliveryId("d"), "", "")


async def test_it_is_found_under_the_pull_request_and_under_the_issue(proposed: Proposed) -> None:
    for number in (proposed.number, proposed.room.issue):
        found = await proposal.waiting(call(proposed.room, number), proposed.room.desk)
        assert (found.run.id, found.pull) == (proposed.id, proposed.number)
        assert found.numbers == (proposed.number, proposed.room.issue)
        assert found.checked.change.head == proposed.head


async def test_what_has_ended_does_not_wait(proposed: Proposed) -> None:
    store: Any = proposed.room.store
    await store.move(proposed.id, State.CANCELLED, "enough", "ann")
    assert await proposal.find(call(proposed.room, proposed.number), proposed.room.desk) is not None
    with pytest.raises(Refused, match="its run is cancelled"):
        await proposal.waiting(call(proposed.room, proposed.number), proposed.room.desk)


async def test_where_nothing_is_proposed(room: Room) -> None:
    assert await proposal.find(call(room, room.issue), room.desk) is None
    with pytest.raises(Refused, match="has proposed nothing here"):
        await proposal.waiting(call(room, room.issue), room.desk)
