"""``merge_group``: a merged commit is judged as a run of its own, unless its files were proven; a queue never waits in vain."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.desk import Delivery
from bot.github import checks, git
from bot.github.checks import SeenCheck
from bot.history import Sealed
from bot.ids import DeliveryId, PullNumber, Sha
from bot.run import Run, State
from bot.store.runs import Transition
from bot.webhooks.merge_group import EVENT
from tests.commands.room import Room
from tests.doubles.proposal import PROVEN


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


async def prove(room: Room, number: int, *, approved: bool = True) -> None:
    """Have the pull request judged at its head: green, waiting, and approved."""
    head, base = await tips(room, number)
    await room.say("sorter", "/pawl verify", number)
    (run,) = await room.runs(number)
    held = await room.store.claim(run.id)
    checked = replace(PROVEN, change=replace(PROVEN.change, base=base, head=head))
    sealed = Sealed("bundle", "sha256:0", None, PullNumber(number))
    for to, output in ((State.CHECKING, None), (State.PROPOSING, checked), (State.AWAITING_APPROVAL, sealed)):
        assert held is not None
        held = await room.store.commit(held, Transition(to, "on", output))
    assert held is not None
    await room.store.release(held)
    if approved:
        room.people["keeper"].reviews(room.name, number, commit=head)


async def judged_apart(room: Room, number: int) -> list[Run]:
    return [each for each in await room.runs(number) if each.instruction.queued]


async def merged_as_it_is(room: Room, head: Sha, base: Sha) -> Sha:
    """Return a commit with the head's files on the base, as a queue makes one."""
    commit = await git.commit(room.hosted.repo, head)
    assert commit is not None
    told_ = await room.hosted.repo.post("git/commits", {"message": "Merge", "tree": commit.tree, "parents": [base, head]})
    return Sha(told_["sha"])


async def test_files_that_were_proven_are_green_at_once(room: Room) -> None:
    number = room.pull()
    head, base = await tips(room, number)
    await prove(room, number)
    merged = await merged_as_it_is(room, head, base)
    await asked(room, told(room, number, merged, base))
    (found,) = await seen(room, merged)
    assert (found.status, found.conclusion) == ("completed", "success")
    assert await judged_apart(room, number) == []


async def not_judged(_room: Room, _number: int) -> None:
    """Nobody asked."""


async def not_approved(room: Room, number: int) -> None:
    await prove(room, number, approved=False)


async def held(room: Room, number: int) -> None:
    await prove(room, number)
    await room.say("writer", "/pawl hold", number)


async def stopped(room: Room, number: int) -> None:
    await prove(room, number)
    await room.say("admin", "/pawl stop", number)


async def moved(room: Room, number: int) -> None:
    await prove(room, number)
    room.people["writer"].pushes(room.name, {"shop.py": "def price(n):\n    return n + n\n"}, branch="square")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (not_judged, "is not judged at its head"),
        (not_approved, "one approval by a maintainer"),
        (held, "asked to wait"),
        (stopped, "stopped"),
        (moved, "is not judged at its head"),
    ],
)
@pytest.mark.parametrize("same", [True, False])
async def test_what_may_not_be_merged_is_red_in_the_queue_too(
    room: Room, how: Callable[[Room, int], Awaitable[None]], said: str, *, same: bool
) -> None:
    number = room.pull()
    await how(room, number)
    head, base = await tips(room, number)
    other = {"other.py": "x = 1\n"}
    merged = await merged_as_it_is(room, head, base) if same else Sha(room.people["writer"].pushes(room.name, other, branch="m"))
    await asked(room, told(room, number, merged, base))
    (found,) = await seen(room, merged)
    assert found.conclusion == "failure"
    assert said in found.title
    assert await judged_apart(room, number) == []


async def test_other_files_are_judged_as_a_run_of_their_own_once(room: Room) -> None:
    number = room.pull()
    head, base = await tips(room, number)
    await prove(room, number)
    merged = Sha(room.people["writer"].pushes(room.name, {"other.py": "x = 1\n"}, branch="merged"))
    await asked(room, told(room, number, merged, base))
    (run,) = await judged_apart(room, number)
    wish = run.instruction
    assert (wish.head, wish.base, wish.queued, wish.into) == (merged, base, head, "main")
    assert await seen(room, merged) == []
    await asked(room, told(room, number, merged, base), "destroyed", "later")
    assert (await judged_apart(room, number))[0].state is State.CANCELLED


async def test_another_branchs_queue_gets_no_green(room: Room) -> None:
    number = room.pull()
    head, base = await tips(room, number)
    await prove(room, number)
    merged = await merged_as_it_is(room, head, base)
    await asked(room, told(room, number, merged, base, base_ref="refs/heads/next"))
    (found,) = await seen(room, merged)
    assert found.conclusion == "failure"
    assert "into main only" in found.title


@pytest.mark.parametrize("ref", ["refs/heads/gh-readonly-queue/main/pr-99999-abc", "refs/heads/main", ""])
async def test_what_cannot_be_judged_is_red_so_that_the_queue_goes_on(room: Room, ref: str) -> None:
    number = room.pull()
    head, base = await tips(room, number)
    await asked(room, told(room, number, head, base, head_ref=ref))
    (found,) = await seen(room, head)
    assert found.conclusion == "failure"
    assert await room.runs(number) == ()
