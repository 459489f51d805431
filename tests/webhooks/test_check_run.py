"""``check_run``: a click is obeyed like the command, by who clicked, where the run was asked for; strangers' checks never."""

from __future__ import annotations

from typing import Any

import pytest

from bot.change.change import Edits
from bot.desk import Delivery
from bot.engine import Question, Reading
from bot.history import Changed
from bot.ids import DeliveryId, RunId
from bot.run import Run, State
from bot.store.runs import Transition
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


@pytest.fixture
async def asking(room: Room) -> Run:
    """A run under the issue that asks which of two readings is right."""
    await room.say("writer", "/pawl fix `price(2)` should return 4")
    (run,) = await room.runs()
    readings = tuple(Reading(label, Edits((), ""), gives) for label, gives in (("A", "6"), ("B", "9")))
    asked = Changed("search", None, None, question=Question("price(3)", readings))
    for to, output in ((State.PLANNING, None), (State.SPECIFYING, None), (State.CHANGING, None), (State.REFUSED, asked)):
        held = await room.store.claim(run.id)
        assert held is not None
        assert await room.store.commit(held, Transition(to, "on", output)) is not None
        await room.store.release(held)
    return await room.store.get(run.id)


async def presses(room: Room, run: Run, who: str, button: str, delivery: str) -> None:
    check = {"name": "pawl / question"}
    await clicked(room, told(room, run.id, who, check=check, requested_action={"identifier": button}), delivery)


async def test_a_reading_that_is_clicked_goes_on_with_its_answer_once(room: Room, asking: Run) -> None:
    for delivery in ("click-1", "click-1", "click-2"):
        await presses(room, asking, "keeper", "answer B", delivery)
    newest, older = await room.runs()
    assert older.id == asking.id
    assert newest.instruction.answers == ("price(3) == 9",)
    assert newest.instruction.requester == room.people["keeper"].login
    assert room.said() == []


async def test_a_reading_clicked_after_another_was_chosen_is_told_so(room: Room, asking: Run) -> None:
    await presses(room, asking, "writer", "answer B", "click-1")
    await presses(room, asking, "keeper", "answer A", "click-2")
    assert len(await room.runs()) == 2
    assert "no question is open here" in room.said()[-1]


async def test_who_may_not_answer_may_not_click_the_answer(room: Room, asking: Run) -> None:
    for at, who in enumerate(("reader", "sorter", "stranger")):
        await presses(room, asking, who, "answer B", f"click-{at}")
    assert len(await room.runs()) == 1
    assert room.said() == []


async def test_a_reading_that_was_never_offered_is_no_answer(room: Room, asking: Run) -> None:
    await presses(room, asking, "writer", "answer C", "click-1")
    assert len(await room.runs()) == 1
    assert room.said() == []


async def test_a_run_that_asks_nothing_takes_no_answer(room: Room, refused: Run) -> None:
    await presses(room, refused, "writer", "answer A", "click-1")
    assert len(await room.runs()) == 1
    assert room.said() == []


async def test_a_button_pawl_never_made_does_nothing(room: Room, refused: Run) -> None:
    await clicked(room, told(room, refused.id, "admin", requested_action={"identifier": "cancel"}))
    assert (await room.store.get(RunId(refused.id))).state is State.REFUSED
    assert room.said() == []


async def test_a_click_that_came_to_nothing_can_be_told_where_the_run_was_asked_for(room: Room, refused: Run) -> None:
    payload = told(room, refused.id, "writer", check={"pull_requests": []})  # as for the commit of a fork
    where = await EVENT.asked_in(Delivery(DeliveryId("one"), "check_run", "rerequested", payload), room.desk)
    assert where is not None
    assert (where.repo, where.number, where.pull) == (room.name, room.issue, False)


@pytest.mark.parametrize("check", [{"app": {"id": 1}}, {"external_id": "nosuch"}], ids=str)
async def test_a_click_on_a_strangers_check_is_told_nowhere(room: Room, refused: Run, check: Json) -> None:
    payload = told(room, refused.id, "writer", check=check)
    assert await EVENT.asked_in(Delivery(DeliveryId("one"), "check_run", "rerequested", payload), room.desk) is None
