"""A click finds the newest run that the check runs name, of this repository."""

from __future__ import annotations

from typing import Any

from bot.desk import Delivery
from bot.doors import button
from bot.ids import DeliveryId
from bot.run import State
from tests.commands.room import Room


async def test_of_several_check_runs_the_newest_run_counts(room: Room) -> None:
    for words in ("`price(2)` should return 4", "`price(3)` should return 9"):
        await room.say("writer", f"/pawl fix {words}")
        await room.store.move((await room.runs())[0].id, State.REFUSED, "no", "pawl")
    newest, older = await room.runs()
    read = room.hosted.double.get
    told: dict[str, Any] = {
        "repository": read(f"/repos/{room.name}"),
        "installation": {"id": room.hosted.installation},
        "sender": read(f"/users/{room.people['writer'].login}"),
    }
    own = {"id": room.hosted.facts.id}
    marks = [{"app": own, "external_id": each} for each in (older.id, newest.id, "zzz nosuch")]
    marks.append({"app": {"id": 1}, "external_id": older.id})
    await button.clicked("retry", "", marks, Delivery(DeliveryId("d"), "check_run", "rerequested", told), room.desk)
    assert (await room.runs())[0].instruction.text == newest.instruction.text
    assert len(await room.runs()) == 3
