"""``check_run``: a click is obeyed like the command, by who clicked, where the run was asked for; strangers' checks never."""

from __future__ import annotations

from typing import Any

import pytest

from bot.desk import Delivery
from bot.ids import DeliveryId, RunId
from bot.run import Run, State
from bot.webhooks.check_run import EVENT, answer
from tests.commands.room import Room

Json = dict[str, Any]


@pytest.fixture
async def refused(room: Room) -> Run:
    """A run that was asked for under the issue, and was refused."""
    await room.say("writer", "/pawl fix `price(2)` should return 4")
    (run,) = await room.runs()
    return await room.store.move(run.id, State.REFUSED, "the proof is not there", "pawl")


def told(room: Room, run: str, who: str, **more: Any) -> Json:
    read = room.hosted.double.get
    login = room.people[who].login
    check = {"name": "pawl / tests", "external_id": run, "app": {"id": room.hosted.facts.id}, **more.pop("check", {})}
    return {
        "action": "requested_action",
        "check_run": check,
        "requested_action": {"identifier": "retry"},
        "repository": read(f"/repos/{room.name}"),
        "installation": {"id": room.hosted.installation},
        "sender": read(f"/users/{login}"),
        **more,
    }


async def clicked(room: Room, payload: Json, delivery: str = "click-1") -> None:
    each = Delivery(DeliveryId(delivery), "check_run", payload["action"], payload)
    assert EVENT.wants(each)
    await answer(each, room.desk)


async def test_retry_leaves_a_run_like_the_one_before_once(room: Room, refused: Run) -> None:
    for _ in range(2):
        await clicked(room, told(room, refused.id, "writer"))
    found = await room.runs()
    assert len(found) == 2
    assert found[0].instruction.text == refused.instruction.text
    assert found[0].instruction.requester == room.people["writer"].login


async def test_githubs_own_rerun_is_a_retry(room: Room, refused: Run) -> None:
    await clicked(room, told(room, refused.id, "writer", action="rerequested"))
    assert len(await room.runs()) == 2


async def test_who_may_not_say_it_may_not_click_it(room: Room, refused: Run) -> None:
    await clicked(room, told(room, refused.id, "reader"))
    await clicked(room, told(room, refused.id, "stranger"), "click-2")
    assert len(await room.runs()) == 1
    assert room.said() == []


async def test_explain_answers_where_the_run_was_asked_for(room: Room, refused: Run) -> None:
    await clicked(room, told(room, refused.id, "reader", requested_action={"identifier": "explain"}))
    assert len(room.said()) == 1
    assert len(await room.runs()) == 1


@pytest.mark.parametrize(
    "check",
    [
        {"app": {"id": 1}},
        {"external_id": "nosuch"},
        {"external_id": None},
        {"external_id": "\0"},
    ],
    ids=str,
)
async def test_check_runs_that_pawl_did_not_write_do_nothing(room: Room, refused: Run, check: Json) -> None:
    await clicked(room, told(room, refused.id, "writer", check=check))
    assert len(await room.runs()) == 1


async def test_a_run_of_another_repository_is_none_of_this_ones(room: Room, refused: Run) -> None:
    payload = told(room, refused.id, "writer")
    await clicked(room, {**payload, "repository": {**payload["repository"], "id": room.repository + 1}})
    assert len(await room.runs()) == 1


async def test_a_button_pawl_never_made_does_nothing(room: Room, refused: Run) -> None:
    await clicked(room, told(room, refused.id, "admin", requested_action={"identifier": "cancel"}))
    assert (await room.store.get(RunId(refused.id))).state is State.REFUSED
    assert room.said() == []
