"""What is judged without a word: by whom it was opened, where it comes from, and what the configuration wants."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.config import Config
from bot.desk import Delivery, Place
from bot.doors.unasked import judge
from bot.github import git, pulls
from bot.github.repository import Repository
from bot.ids import DeliveryId, InstallationId, RepoName
from bot.run import UNASKED, State
from bot.store.caps import Caps
from bot.store.onboardings import Welcome
from tests.commands.room import Room


async def happens(room: Room, number: int, action: str = "opened", **config: Any) -> None:
    """Have a pull request heard of, twice as may be."""

    async def settings(_repository: Repository) -> Config:
        return Config.model_validate(config)

    where = Place(InstallationId(room.hosted.installation), RepoName(room.name), room.repository, number, pull=True)
    each = Delivery(DeliveryId(f"{action}-{number}"), "pull_request", action, {})
    for _ in range(2):
        await judge(where, each, replace(room.desk, config=settings))


def said(room: Room, number: int) -> list[tuple[str | None, str]]:
    head = room.hosted.double.get(f"/repos/{room.name}/pulls/{number}")["head"]["sha"]
    found = room.hosted.double.get(f"/repos/{room.name}/commits/{head}/check-runs")["check_runs"]
    return [(each["conclusion"], each["output"]["title"]) for each in found]


async def test_a_pull_request_is_judged_in_its_authors_name(room: Room) -> None:
    number = room.pull()
    await happens(room, number)
    (run,) = await room.runs(number)
    wish = run.instruction
    assert (wish.requester, wish.door, wish.into) == (room.people["writer"].login, UNASKED, "main")
    assert wish.origin is not None
    assert wish.origin.requester == room.people["writer"].id


async def test_what_is_watched_over_is_not_judged_twice_and_a_new_head_is(room: Room) -> None:
    number = room.pull()
    await happens(room, number)
    await happens(room, number, "ready_for_review")
    assert len(await room.runs(number)) == 1
    room.people["writer"].pushes(room.name, {"shop.py": "x = 1\n"}, branch="square")
    await happens(room, number, "synchronize")
    now, before = await room.runs(number)
    assert (now.state, before.state) == (State.RECEIVED, State.CANCELLED)


@pytest.mark.parametrize(
    ("verify", "label", "runs"), [("command", True, 0), ("label", False, 0), ("label", True, 1), ("all", False, 1)]
)
async def test_the_configuration_says_what_is_judged(room: Room, verify: str, label: bool, runs: int) -> None:
    number = room.pull()
    if label:
        room.people["writer"].labels(room.name, number, "pawl:verify")
    await happens(room, number, verify=verify)
    assert len(await room.runs(number)) == runs


async def test_another_base_has_what_was_judged_before_judged_again(room: Room) -> None:
    writer = room.people["writer"]
    writer.pushes(room.name, {"next.py": "x = 1\n"}, branch="next")
    number = room.pull()
    writer.ask("PATCH", f"/repos/{room.name}/pulls/{number}", {"base": "next"})
    await room.say("sorter", "/pawl verify", number)
    await happens(room, number, "edited", verify="command")
    assert [each.instruction.into for each in await room.runs(number)] == ["next"]
    writer.ask("PATCH", f"/repos/{room.name}/pulls/{number}", {"base": "main"})
    await happens(room, number, "edited", verify="command")
    assert [each.instruction.into for each in await room.runs(number)] == ["main", "next"]


async def test_drafts_other_branches_and_pawls_own_are_left(room: Room) -> None:
    writer = room.people["writer"]
    writer.pushes(room.name, {"next.py": "x = 1\n"}, branch="next")
    writer.pushes(room.name, {"more.py": "x = 1\n"}, branch="more")
    draft = writer.opens_pull(room.name, "more", "Draft", draft=True)
    elsewhere = writer.opens_pull(room.name, "more", "Elsewhere", base="next")
    base = await git.ref(room.hosted.repo, "more")
    assert base is not None
    await git.set_ref(room.hosted.repo, "pawl/own", base)
    own = await pulls.open(room.hosted.repo, "pawl/own", "main", "Own", "")
    for number in (draft, elsewhere, own.number):
        await happens(room, number)
        assert await room.runs(number) == ()


async def test_a_strangers_fork_waits_for_somebody_who_may_ask(room: Room) -> None:
    number = room.pull("stranger", fork=True)
    await happens(room, number)
    assert await room.runs(number) == ()
    ((conclusion, title),) = said(room, number)
    assert conclusion == "action_required"
    assert "somebody with triage permission says" in title
    trusted = room.pull("sorter", fork=True)
    await happens(room, trusted)
    assert len(await room.runs(trusted)) == 1


async def test_caps_hold_and_are_told_on_the_check(room: Room) -> None:
    number = room.pull()
    await room.say("writer", "/pawl fix")
    room.store._most = Caps(user=1)
    await happens(room, number)
    assert await room.runs(number) == ()
    ((conclusion, title),) = said(room, number)
    assert conclusion == "action_required"
    assert "runs within 24 hours" in title


async def test_where_the_installation_is_not_heard_of_yet_nothing_is_lost(room: Room) -> None:
    number = room.pull()
    async with room.store._transaction() as connection:
        await connection.execute("DELETE FROM onboarding")
    await happens(room, number)
    assert len(await room.runs(number)) == 1


async def test_nothing_is_judged_where_pawl_was_not_taken_on(room: Room) -> None:
    number = room.pull()
    await room.store.onboardings.put(room.repository, Welcome.PROPOSED, None, "owner")
    await happens(room, number)
    assert await room.runs(number) == ()
    assert said(room, number) == []
