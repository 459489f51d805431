"""The merge queue of the double: who comes in, what it asks for, and how entries land or are sent away."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doubles.github.client import Refused
from tests.doubles.scene import Shop

ENQUEUE = """
mutation($id: ID!, $head: GitObjectID) {
  enqueuePullRequest(input: {pullRequestId: $id, expectedHeadOid: $head}) {
    mergeQueueEntry { id position state headCommit { oid } pullRequest { number isInMergeQueue } }
  }
}"""
DEQUEUE = "mutation($id: ID!) { dequeuePullRequest(input: {id: $id}) { mergeQueueEntry { id } } }"
QUEUE = {
    "check_response_timeout_minutes": 60,
    "grouping_strategy": "ALLGREEN",
    "max_entries_to_build": 5,
    "max_entries_to_merge": 5,
    "merge_method": "MERGE",
    "min_entries_to_merge": 1,
    "min_entries_to_merge_wait_minutes": 5,
}


@pytest.fixture
def queue(shop: Shop) -> Shop:
    """The shop with a queue before its main branch, and the App's check required."""
    checks = {
        "required_status_checks": [{"context": "pawl", "integration_id": shop.app.id}],
        "strict_required_status_checks_policy": False,
    }
    rules = [{"type": "merge_queue", "parameters": QUEUE}, {"type": "required_status_checks", "parameters": checks}]
    where = {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}}
    shop.owner.ask(
        "POST", f"{shop.api}/rulesets", {"name": "Queue", "enforcement": "active", "conditions": where, "rules": rules}
    )
    return shop


def ready(shop: Shop, branch: str = "two", **more: Any) -> dict[str, Any]:
    made = shop.pull(branch=branch, **more)
    shop.check(made["head"]["sha"])
    return made


def groups(shop: Shop) -> list[tuple[str | None, dict[str, Any]]]:
    return [(action, payload["merge_group"]) for action, payload in shop.told("merge_group")]


def test_an_entry_lands_when_its_group_is_green(queue: Shop) -> None:
    made = ready(queue)
    answer = queue.graphql(ENQUEUE, queue.owner, id=made["node_id"], head=made["head"]["sha"])
    entry = answer["data"]["enqueuePullRequest"]["mergeQueueEntry"]
    assert (entry["position"], entry["state"], entry["pullRequest"]["isInMergeQueue"]) == (1, "AWAITING_CHECKS", True)
    ((action, group),) = groups(queue)
    assert (action, group["head_sha"], group["base_ref"]) == ("checks_requested", entry["headCommit"]["oid"], "refs/heads/main")
    assert group["head_ref"].startswith(f"refs/heads/gh-readonly-queue/main/pr-{made['number']}-")
    assert queue.now(made["number"])["merged"] is False
    queue.check(group["head_sha"])
    found = queue.now(made["number"])
    assert (found["merged"], found["merge_commit_sha"]) == (True, group["head_sha"])
    assert queue.call("GET", "/git/ref/heads/main").body["object"]["sha"] == group["head_sha"]
    assert [action for action, _ in groups(queue)] == ["checks_requested", "destroyed"]
    assert queue.actions("pull_request") == ["opened", "enqueued", "dequeued", "closed"]


def test_a_red_group_is_sent_away(queue: Shop) -> None:
    made = ready(queue)
    queue.page(f"/pulls/{made['number']}/enqueue", queue.owner)
    queue.check(groups(queue)[0][1]["head_sha"], conclusion="failure")
    assert queue.now(made["number"])["state"] == "open"
    action, payload = queue.told("pull_request")[-1]
    assert (action, payload["reason"]) == ("dequeued", "CI_FAILURE")


def test_entries_are_built_one_after_the_other(queue: Shop) -> None:
    first, second = ready(queue, "one", files={"one.py": "a = 1\n"}), ready(queue, "two", files={"two.py": "b = 1\n"})
    for made in (first, second):
        queue.page(f"/pulls/{made['number']}/enqueue", queue.owner)
    assert len(groups(queue)) == 1
    queue.check(groups(queue)[0][1]["head_sha"])
    asked = [group for action, group in groups(queue) if action == "checks_requested"]
    assert asked[1]["base_sha"] == queue.now(first["number"])["merge_commit_sha"]
    queue.check(asked[1]["head_sha"])
    assert queue.now(second["number"])["merged"] is True


def test_auto_merge_goes_through_the_queue(queue: Shop) -> None:
    made = queue.pull()
    arm = "mutation($id: ID!) { enablePullRequestAutoMerge(input: {pullRequestId: $id}) { pullRequest { isInMergeQueue } } }"
    answer = queue.graphql(arm, id=made["node_id"])
    assert answer["data"]["enablePullRequestAutoMerge"]["pullRequest"]["isInMergeQueue"] is False
    queue.check(made["head"]["sha"])
    assert queue.now(made["number"])["merged"] is False
    queue.check(groups(queue)[0][1]["head_sha"])
    assert queue.now(made["number"])["merged"] is True


def test_no_way_round_the_queue(queue: Shop) -> None:
    made = ready(queue)
    with pytest.raises(Refused, match=r"405.*merge queue"):
        queue.call("PUT", f"/pulls/{made['number']}/merge", {})


def test_an_entry_can_be_taken_out(queue: Shop) -> None:
    made = ready(queue)
    queue.page(f"/pulls/{made['number']}/enqueue", queue.owner)
    assert queue.graphql(DEQUEUE, queue.owner, id=made["node_id"])["data"]["dequeuePullRequest"]["mergeQueueEntry"]
    assert queue.graphql(DEQUEUE, queue.owner, id=made["node_id"])["errors"][0]["type"] == "UNPROCESSABLE"
    queue.check(groups(queue)[0][1]["head_sha"])
    assert queue.now(made["number"])["merged"] is False


def test_a_push_takes_it_out(queue: Shop) -> None:
    made = ready(queue)
    queue.page(f"/pulls/{made['number']}/enqueue", queue.owner)
    queue.page(f"/pulls/{made['number']}/push", queue.bob, files={"shop.py": "price = 5\n"})
    assert "dequeued" in queue.actions("pull_request")
    assert groups(queue)[-1][0] == "destroyed"


def test_without_a_queue_nothing_is_enqueued(shop: Shop) -> None:
    made = ready(shop)
    answer = shop.graphql(ENQUEUE, shop.owner, id=made["node_id"], head=None)
    assert answer["errors"][0]["message"] == "Merge queue is not enabled for this branch"
