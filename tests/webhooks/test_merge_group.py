"""``merge_group``: a merged commit is judged as a run of its own, unless its files were proven; a queue never waits in vain."""

from __future__ import annotations

from typing import Any

import pytest

from bot.desk import Delivery
from bot.github import checks, git
from bot.github.checks import CheckRun, SeenCheck
from bot.ids import DeliveryId, Sha
from bot.run import State
from bot.webhooks.merge_group import EVENT
from tests.commands.room import Room


def told(room: Room, number: int, head: str, base: str, **more: Any) -> dict[str, Any]:
    return {
        "merge_group": {
            "head_sha": head,
            "head_ref": f"refs/heads/gh-readonly-queue/main/pr-{number}-{base}",
            "base_sha": base,
            "base_ref": "refs/heads/main",
            **more,
        },
        "repository": room.hosted.double.get(f"/repos/{room.name}"),
        "installation": {"id": room.hosted.installation},
    }


async def asked(room: Room, payload: dict[str, Any], action: str = "checks_requested", delivery: str = "queue") -> None:
    each = Delivery(DeliveryId(delivery), "merge_group", action, payload)
    assert EVENT.wants(each)
    await EVENT.answer(each, room.desk)
    await EVENT.answer(each, room.desk)


async def tips(room: Room, number: int) -> tuple[Sha, Sha]:
    """Return the pull request's head and its base's tip."""
    pull = room.hosted.double.get(f"/repos/{room.name}/pulls/{number}")
    return Sha(pull["head"]["sha"]), Sha(pull["base"]["sha"])


async def seen(room: Room, head: str) -> list[SeenCheck]:
    return [each for each in await checks.runs(room.hosted.repo, Sha(head)) if each.name == "pawl"]


async def prove(room: Room, head: Sha, conclusion: Any = "success") -> None:
    await checks.create(room.hosted.repo, CheckRun("pawl", head, "completed", conclusion, title="judged"))


async def merged_as_it_is(room: Room, head: Sha, base: Sha) -> Sha:
    """Return a commit with the head's files on the base, as a queue makes one."""
    commit = await git.commit(room.hosted.repo, head)
    assert commit is not None
    told_ = await room.hosted.repo.post("git/commits", {"message": "Merge", "tree": commit.tree, "parents": [base, head]})
    return Sha(told_["sha"])


async def test_files_that_were_proven_are_green_at_once(room: Room) -> None:
    number = room.pull()
    head, base = await tips(room, number)
    await prove(room, head)
    merged = await merged_as_it_is(room, head, base)
    await asked(room, told(room, number, merged, base))
    (found,) = await seen(room, merged)
    assert (found.status, found.conclusion) == ("completed", "success")
    assert await room.runs(number) == ()


@pytest.mark.parametrize("conclusion", ["failure", "neutral", "skipped", "cancelled", None])
async def test_nothing_but_green_counts_as_proven(room: Room, conclusion: str | None) -> None:
    number = room.pull()
    head, base = await tips(room, number)
    if conclusion:
        await prove(room, head, conclusion)
    await asked(room, told(room, number, await merged_as_it_is(room, head, base), base))
    assert len(await room.runs(number)) == 1


async def test_other_files_are_judged_as_a_run_of_their_own_once(room: Room) -> None:
    number = room.pull()
    head, base = await tips(room, number)
    await prove(room, head)
    merged = Sha(room.people["writer"].pushes(room.name, {"other.py": "x = 1\n"}, branch="merged"))
    await asked(room, told(room, number, merged, base))
    (run,) = await room.runs(number)
    assert (run.instruction.head, run.instruction.base) == (merged, base)
    assert await seen(room, merged) == []
    await asked(room, told(room, number, merged, base), "destroyed", "later")
    assert (await room.runs(number))[0].state is State.CANCELLED


@pytest.mark.parametrize("ref", ["refs/heads/gh-readonly-queue/main/pr-99999-abc", "refs/heads/main", ""])
async def test_what_cannot_be_judged_is_red_so_that_the_queue_goes_on(room: Room, ref: str) -> None:
    number = room.pull()
    head, base = await tips(room, number)
    await asked(room, told(room, number, head, base, head_ref=ref))
    (found,) = await seen(room, head)
    assert found.conclusion == "failure"
    assert await room.runs(number) == ()
