"""``workflow_run``: how the dispatched run ended is written where it belongs, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from bot.desk import Delivery
from bot.errors import InputError
from bot.examination.paper import Paper
from bot.ids import DeliveryId, Sha, new_run_id
from bot.run import Instruction, Verb
from bot.store.results import Examination
from bot.webhooks.workflow_run import EVENT, answer
from tests.commands.room import Room

BASE, HEAD = Sha("a" * 40), Sha("b" * 40)


def told(number: object, repository: int, conclusion: object = "failure") -> dict[str, Any]:
    return {
        "action": "completed",
        "workflow_run": {"id": number, "conclusion": conclusion},
        "repository": {"id": repository, "full_name": "o/r"},
    }


async def heard(room: Room, payload: dict[str, Any]) -> None:
    delivery = Delivery(DeliveryId("d1"), "workflow_run", "completed", payload)
    assert EVENT.wants(delivery)
    await answer(delivery, room.desk)


@pytest.fixture
async def examination(room: Room) -> Examination:
    run = (await room.store.create(Instruction(Verb.FIX, "fix it", room.hosted.repo.name, BASE), new_run_id())).id
    paper = Paper(run, BASE, HEAD, "fix it", None, ("tests",))
    opened = await room.store.examinations.open(Examination(paper, room.repository, "w"))
    await room.store.examinations.will_dispatch(run, HEAD, "n", BASE)
    await room.store.examinations.was_dispatched(run, HEAD, 77)
    return opened


async def test_the_end_is_written_down_as_often_as_it_comes(room: Room, examination: Examination) -> None:
    for _ in range(2):
        await heard(room, told(77, room.repository))
    assert (await room.store.examinations.get(examination.paper.run, HEAD)).ended == "failure"


async def test_other_runs_and_other_repositories_are_none_of_pawls(room: Room, examination: Examination) -> None:
    await heard(room, told(78, room.repository))
    await heard(room, told(77, room.repository + 1))
    assert (await room.store.examinations.get(examination.paper.run, HEAD)).ended is None


async def test_a_run_without_a_conclusion_has_ended_all_the_same(room: Room, examination: Examination) -> None:
    await heard(room, told(77, room.repository, None))
    assert (await room.store.examinations.get(examination.paper.run, HEAD)).ended == "no conclusion"


@pytest.mark.parametrize("number", [None, "77", True])
async def test_a_payload_of_another_shape_is_refused(room: Room, number: object) -> None:
    with pytest.raises(InputError, match="is no number"):
        await heard(room, told(number, room.repository))
