"""``check_suite``: *Re-run all checks* retries the newest run on that commit, and only for Pawl's own suite."""

from __future__ import annotations

from typing import Any

import pytest

from bot.board import GitHubBoard
from bot.desk import Delivery
from bot.github import git
from bot.ids import DeliveryId, Sha
from bot.run import Run, State
from bot.webhooks.check_suite import EVENT, answer
from tests.commands.room import Room

Json = dict[str, Any]


@pytest.fixture
async def head(room: Room) -> Sha:
    found = await git.ref(room.hosted.repo, "main")
    assert found is not None
    return found


@pytest.fixture
async def refused(room: Room, head: Sha) -> Run:
    """A run that was refused, and left check runs on the head."""
    await room.say("writer", "/pawl fix `price(2)` should return 4")
    (run,) = await room.runs()
    await GitHubBoard(room.hosted.repo).opened(run, head, ())
    return await room.store.move(run.id, State.REFUSED, "the proof is not there", "pawl")


def suite(room: Room, head: Sha, who: str = "writer", app: int | None = None) -> Delivery:
    read = room.hosted.double.get
    payload = {
        "action": "rerequested",
        "check_suite": {"head_sha": head, "app": {"id": app or room.hosted.facts.id}},
        "repository": read(f"/repos/{room.name}"),
        "installation": {"id": room.hosted.installation},
        "sender": read(f"/users/{room.people[who].login}"),
    }
    return Delivery(DeliveryId("again"), "check_suite", "rerequested", payload)


async def rerun(room: Room, head: Sha, who: str = "writer", app: int | None = None) -> None:
    delivery = suite(room, head, who, app)
    assert EVENT.wants(delivery)
    await answer(delivery, room.desk)


async def test_the_run_behind_the_checks_is_tried_again(room: Room, head: Sha, refused: Run) -> None:
    await rerun(room, head)
    assert [each.id == refused.id for each in await room.runs()] == [False, True]


async def test_another_apps_suite_and_a_reader_do_nothing(room: Room, head: Sha, refused: Run) -> None:
    await rerun(room, head, app=1)
    await rerun(room, head, "reader")
    assert [each.id for each in await room.runs()] == [refused.id]


async def test_a_commit_without_pawls_checks_has_nothing_to_try(room: Room, head: Sha) -> None:
    await rerun(room, head)
    assert await room.runs() == ()


@pytest.mark.usefixtures("refused")
async def test_what_came_to_nothing_can_be_told_where_the_run_was_asked_for(room: Room, head: Sha) -> None:
    where = await EVENT.asked_in(suite(room, head), room.desk)
    assert where is not None
    assert where.number == room.issue
    assert await EVENT.asked_in(suite(room, head, app=1), room.desk) is None
