"""``pull_request``: what happens to it wakes its run; two labels are commands, for those who may say them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.change.move import Move
from bot.desk import Delivery
from bot.ids import DeliveryId, Login, PullNumber, Sha
from bot.installation.onboarding import welcome
from bot.store.onboardings import Welcome
from bot.store.store import Store
from bot.webhooks.pull_request import EVENT
from tests.commands.room import Room
from tests.webhooks.arriving import REPOSITORY, WHERE, arrives, desk_of, sleeping, woken

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db

WAKING = ["synchronize", "closed", "reopened", "converted_to_draft", "ready_for_review", "auto_merge_disabled", "dequeued"]


@pytest.mark.parametrize("action", WAKING)
async def test_what_happens_to_a_pull_request_wakes_its_run(store: Store, connection: Db, action: str) -> None:
    await sleeping(store, connection, number=50)
    mine = await sleeping(store, connection)
    await connection.execute("UPDATE run SET pull = 40 WHERE id = $1", mine.id)
    told = {"before": "a" * 40, "after": "b" * 40}
    await arrives(EVENT, desk_of(store), action, pull_request={"number": 40, "merged": True}, **told)
    assert await woken(connection) == {mine.id}


async def test_who_pushed_is_known_until_it_is_closed(store: Store) -> None:
    await store.onboardings.put(REPOSITORY, Welcome.DECLINED, None, "mona")
    told = {"pull_request": {"number": 40}, "before": "a" * 40, "after": "b" * 40}
    await arrives(EVENT, desk_of(store), "synchronize", **told)
    assert await store.moves.of(REPOSITORY, PullNumber(40)) == (Move(Sha("a" * 40), Sha("b" * 40), 11, Login("mona")),)
    await arrives(EVENT, desk_of(store), "closed", **told)
    assert await store.moves.of(REPOSITORY, PullNumber(40)) == ()


@pytest.mark.parametrize(("changes", "wakes"), [({"base": {"ref": {"from": "main"}}}, True), ({"title": {"from": "a"}}, False)])
async def test_only_another_base_is_an_edit_of_interest(
    store: Store, connection: Db, changes: dict[str, Any], wakes: bool
) -> None:
    await sleeping(store, connection)
    await arrives(EVENT, desk_of(store), "edited", pull_request={"number": 3}, changes=changes)
    assert bool(await woken(connection)) == wakes


async def test_closing_the_onboarding_opts_out(room: Room) -> None:
    room.hosted.owner.pushes(room.name, {".github/pawl.yml": None})
    await room.store.onboardings.put(room.repository, Welcome.PROPOSED, None, "pawl")
    onboarding = await welcome(room.hosted.repo, room.store, room.desk.settings)
    assert onboarding.pull is not None
    room.hosted.owner.close(room.name, onboarding.pull)
    where = {"id": room.repository, "full_name": room.name}
    told = {"repository": where, "installation": {"id": room.hosted.installation}}
    await arrives(EVENT, room.desk, "closed", pull_request={"number": onboarding.pull}, **told)
    found = await room.store.onboardings.of(room.repository)
    assert found is not None
    assert found.state is Welcome.DECLINED


def test_pawls_own_arming_is_not_listened_to() -> None:
    assert not EVENT.actions & {"auto_merge_enabled", "enqueued", "assigned", "review_requested"}


async def labelled(room: Room, number: int, who: str, label: str, action: str = "labeled") -> None:
    read = room.hosted.double.get
    payload = {
        "action": action,
        "pull_request": read(f"/repos/{room.name}/pulls/{number}"),
        "label": {"name": label},
        "repository": read(f"/repos/{room.name}"),
        "installation": {"id": room.hosted.installation},
        "sender": read(f"/users/{room.people[who].login}"),
    }
    each = Delivery(DeliveryId(f"{who}-{label}-{action}"), "pull_request", action, payload)
    assert EVENT.wants(each)
    await EVENT.answer(each, room.desk)
    await EVENT.answer(each, room.desk)


@pytest.mark.parametrize("fork", [False, True])
async def test_a_label_has_a_pull_request_judged(room: Room, fork: bool) -> None:
    number = room.pull(fork=fork)
    await labelled(room, number, "sorter", "pawl:verify")
    (run,) = await room.runs(number)
    assert run.instruction.head is not None


@pytest.mark.parametrize(
    ("who", "label"), [("reader", "pawl:verify"), ("stranger", "pawl:verify"), ("admin", "pawl:fix"), ("admin", "x")]
)
async def test_other_labels_and_other_people_do_nothing(room: Room, who: str, label: str) -> None:
    number = room.pull()
    await labelled(room, number, who, label)
    assert await room.runs(number) == ()
    assert room.said(number) == []


@pytest.mark.parametrize(
    ("action", "label", "asked"),
    [
        ("labeled", "pawl:verify", True),
        ("unlabeled", "pawl:hold", True),
        ("unlabeled", "pawl:verify", False),
        ("labeled", "bug", False),
        ("synchronize", None, False),
    ],
)
async def test_only_pawls_labels_ask_for_something(room: Room, action: str, label: str | None, asked: bool) -> None:
    told = {**WHERE, "action": action, "pull_request": {"number": 40}, **({"label": {"name": label}} if label else {})}
    where = await EVENT.asked_in(Delivery(DeliveryId("one"), "pull_request", action, told), room.desk)
    assert (where is not None and where.number == 40) == asked
