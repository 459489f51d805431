"""The merge queue on a double of GitHub: in line at one head, found there, taken out, each as often as one likes."""

from __future__ import annotations

from typing import Any

import pytest

from bot.change.change import Edit
from bot.github import git, merge_queue, pulls
from bot.github.errors import Unprocessable
from bot.github.pulls import Pull
from bot.ids import Sha
from tests.github.hosted import Hosted

QUEUE: dict[str, Any] = {
    "check_response_timeout_minutes": 10,
    "grouping_strategy": "ALLGREEN",
    "max_entries_to_build": 5,
    "max_entries_to_merge": 5,
    "merge_method": "MERGE",
    "min_entries_to_merge": 1,
    "min_entries_to_merge_wait_minutes": 0,
}


def queued_branch(hosted: Hosted, *more: str) -> None:
    """Have the default branch take changes through a queue only, which waits for a check; ``more`` are further rules."""
    check = {"context": "pawl", "integration_id": hosted.facts.id}
    checks = {"strict_required_status_checks_policy": False, "required_status_checks": [check]}
    wanted = {
        "name": "queue",
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
        "rules": [
            {"type": "merge_queue", "parameters": QUEUE},
            {"type": "required_status_checks", "parameters": checks},
            *({"type": each} for each in more),
        ],
    }
    hosted.owner.ask("POST", f"/repos/{hosted.name}/rulesets", wanted)


async def proposed(hosted: Hosted) -> Pull:
    base = await git.ref(hosted.repo, "main")
    assert base is not None
    head = await git.commit_edits(hosted.repo, base, (Edit("src/a.py", "one = 2\n"),), "Two")
    await git.set_ref(hosted.repo, "two", head)
    return await pulls.open(hosted.repo, "two", "main", "Two", "")


async def test_a_pull_request_goes_in_line_once_and_out_again(hosted: Hosted) -> None:
    queued_branch(hosted)
    pull = await proposed(hosted)
    assert not await merge_queue.in_line(hosted.repo, pull)
    for _ in range(2):
        await merge_queue.enqueue(hosted.repo, pull, pull.head)
        assert await merge_queue.in_line(hosted.repo, pull)
    for _ in range(2):
        await merge_queue.dequeue(hosted.repo, pull)
        assert not await merge_queue.in_line(hosted.repo, pull)


async def test_another_head_does_not_get_in_line(hosted: Hosted) -> None:
    queued_branch(hosted)
    pull = await proposed(hosted)
    with pytest.raises(Unprocessable):
        await merge_queue.enqueue(hosted.repo, pull, Sha("1" * 40))
    await merge_queue.enqueue(hosted.repo, pull, pull.head)
    with pytest.raises(Unprocessable):
        await merge_queue.enqueue(hosted.repo, pull, Sha("1" * 40))


async def test_a_branch_without_a_queue_says_so(hosted: Hosted) -> None:
    pull = await proposed(hosted)
    with pytest.raises(Unprocessable):
        await merge_queue.enqueue(hosted.repo, pull, pull.head)
    assert not await merge_queue.take_back(hosted.repo, pull)


async def test_what_is_armed_or_in_line_is_taken_back_whole(hosted: Hosted) -> None:
    queued_branch(hosted)
    hosted.double.change(hosted.name, settings={"allow_auto_merge": True})
    pull = await proposed(hosted)
    await pulls.arm(hosted.repo, pull, pull.head, "merge")
    await merge_queue.enqueue(hosted.repo, pull, pull.head)
    armed = await pulls.get(hosted.repo, pull.number)
    assert armed.auto_merge
    assert await merge_queue.take_back(hosted.repo, armed)
    now = await pulls.get(hosted.repo, pull.number)
    assert not now.auto_merge
    assert not await merge_queue.in_line(hosted.repo, now)
    assert not await merge_queue.take_back(hosted.repo, now)
