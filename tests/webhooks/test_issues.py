"""``issues``: a label that says a verb makes the issue's own words the instruction, for those who may say it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.desk import Delivery
from bot.ids import DeliveryId
from bot.run import Verb
from bot.webhooks.issues import EVENT
from tests.commands.room import Room


def told(room: Room, who: str, label: str) -> dict[str, Any]:
    read = room.hosted.double.get
    login = room.hosted.facts.bot if who == "pawl" else room.people[who].login
    return {
        "action": "labeled",
        "issue": read(f"/repos/{room.name}/issues/{room.issue}"),
        "label": {"name": label},
        "repository": read(f"/repos/{room.name}"),
        "installation": {"id": room.hosted.installation},
        "sender": read(f"/users/{login}"),
    }


async def labelled(room: Room, who: str, label: str, delivery: str = "d") -> None:
    payload = told(room, who, label)
    each = Delivery(DeliveryId(delivery), "issues", "labeled", payload)
    assert EVENT.wants(each)
    await EVENT.answer(each, room.desk)
    await EVENT.answer(each, room.desk)


@pytest.mark.parametrize("verb", [Verb.FIX, Verb.REFACTOR])
async def test_a_label_asks_for_what_the_issue_says(room: Room, verb: Verb) -> None:
    await labelled(room, "writer", f"pawl:{verb}")
    (run,) = await room.runs()
    assert run.instruction.verb is verb
    assert "`price(2)` should return 4" in run.instruction.text
    assert "It returns 2." in run.instruction.text
    assert run.instruction.requester == room.people["writer"].login


@pytest.mark.parametrize("who", ["reader", "sorter", "stranger", "pawl"])
async def test_who_may_not_ask_for_it_may_not_label_it(room: Room, who: str) -> None:
    await labelled(room, who, "pawl:fix")
    assert await room.runs() == ()
    assert room.said() == []


@pytest.mark.parametrize("label", ["bug", "fix", "pawl:", "pawl:stop", "pawl:verify", "pawl:FIX", "pawl:pawl:fix", "pawl:fix "])
async def test_other_labels_say_nothing(room: Room, label: str) -> None:
    await labelled(room, "admin", label)
    assert await room.runs() == ()
    assert room.said() == []


@pytest.mark.parametrize(("label", "asked"), [("pawl:fix", True), ("bug", False), ("pawl:nonsense", False)])
async def test_only_pawls_labels_ask_for_something(room: Room, label: str, asked: bool) -> None:
    delivery = Delivery(DeliveryId("one"), "issues", "labeled", told(room, "writer", label))
    where = await EVENT.asked_in(delivery, room.desk)
    assert (where is not None and where.number == room.issue) == asked
