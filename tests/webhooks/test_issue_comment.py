"""``issue_comment``: a created comment is heard; edits and deletions are none of Pawl's."""

from __future__ import annotations

import pytest

from bot.desk import Delivery
from bot.ids import DeliveryId
from bot.webhooks.issue_comment import EVENT
from tests.commands.room import Room


async def test_a_created_comment_is_heard_once(room: Room) -> None:
    comment = room.people["writer"].comments(room.name, room.issue, "/pawl fix `price(2)` should return 4")
    told = room.payload(room.issue, comment)
    for _ in range(2):
        await EVENT.answer(Delivery(DeliveryId("d"), "issue_comment", "created", told), room.desk)
    assert len(await room.runs()) == 1


@pytest.mark.parametrize("action", ["edited", "deleted", ""])
def test_nothing_else_is(action: str) -> None:
    assert not EVENT.wants(Delivery(DeliveryId("d"), "issue_comment", action, {}))


@pytest.mark.parametrize(
    ("comment", "wanted"),
    [
        ({"body": "Thanks!"}, False),
        ({"body": None}, False),
        (None, False),
        ({"body": "see\n/pawl help"}, True),
        ({"body": "/pawlonia"}, True),
    ],
)
def test_peoples_talk_is_none_of_pawls_business(comment: object, wanted: bool) -> None:
    delivery = Delivery(DeliveryId("d"), "issue_comment", "created", {"comment": comment})
    assert EVENT.wants(delivery) == wanted


async def test_where_somebody_asked_is_known_without_github(room: Room) -> None:
    told = room.payload(room.issue, room.people["writer"].comments(room.name, room.issue, "/pawl fix it"))
    where = await EVENT.asked_in(Delivery(DeliveryId("d"), "issue_comment", "created", told), room.desk)
    assert where is not None
    assert (where.installation, where.repo, where.number, where.pull) == (room.hosted.installation, room.name, room.issue, False)
    for other in ({"body": "see `/pawl fix`"}, {"user": {**told["comment"]["user"], "type": "Bot"}}):
        another = {**told, "comment": {**told["comment"], **other}}
        assert await EVENT.asked_in(Delivery(DeliveryId("d"), "issue_comment", "created", another), room.desk) is None
