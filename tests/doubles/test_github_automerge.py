"""Auto-merge on the double: when it can be armed, what fires it, and what disarms it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.doubles.github.client import Refused
from tests.doubles.scene import Shop

ARM = """
mutation($id: ID!, $head: GitObjectID, $method: PullRequestMergeMethod) {
  enablePullRequestAutoMerge(input: {pullRequestId: $id, expectedHeadOid: $head, mergeMethod: $method}) {
    pullRequest { autoMergeRequest { mergeMethod enabledBy { login } commitHeadline } state }
  }
}"""
DISARM = """
mutation($id: ID!) {
  disablePullRequestAutoMerge(input: {pullRequestId: $id}) { pullRequest { autoMergeRequest { mergeMethod } } }
}"""


def arm(shop: Shop, pull: dict[str, Any], **more: Any) -> dict[str, Any]:
    return shop.graphql(ARM, **{"id": pull["node_id"], "head": pull["head"]["sha"], "method": "SQUASH", **more})


def refusal(answer: dict[str, Any]) -> tuple[str, str]:
    (error,) = answer["errors"]
    assert answer["data"] == {"enablePullRequestAutoMerge": None}
    return error["type"], error["message"]


def test_it_is_armed_and_fires_once_the_check_is_green(shop: Shop) -> None:
    shop.protect()
    made = shop.pull()
    armed = arm(shop, made)["data"]["enablePullRequestAutoMerge"]["pullRequest"]["autoMergeRequest"]
    title = f"Raise the price (#{made['number']})"
    assert armed == {"mergeMethod": "SQUASH", "enabledBy": {"login": shop.app.slug}, "commitHeadline": title}
    found = shop.now(made["number"])
    assert (found["auto_merge"]["merge_method"], found["auto_merge"]["enabled_by"]["login"]) == ("squash", shop.app.bot)
    shop.check(made["head"]["sha"], conclusion="failure")
    assert shop.now(made["number"])["merged"] is False
    shop.check(made["head"]["sha"])
    found = shop.now(made["number"])
    assert (found["merged"], found["merged_by"]["login"]) == (True, shop.app.bot)
    assert shop.actions("pull_request") == ["opened", "auto_merge_enabled", "closed"]
    assert shop.told("push")[-1][1]["after"] == found["merge_commit_sha"]


@pytest.mark.parametrize("last", ["check", "review"])
def test_the_last_thing_that_was_missing_fires_it(shop: Shop, last: str) -> None:
    shop.protect({"required_approving_review_count": 1})
    made = shop.pull()
    arm(shop, made)
    acts: dict[str, Callable[[], object]] = {
        "check": lambda: shop.check(made["head"]["sha"]),
        "review": lambda: shop.owner.reviews(shop.repo, made["number"]),
    }
    for act in sorted(acts, key=lambda each: each == last):
        assert shop.now(made["number"])["merged"] is False
        acts[act]()
    assert shop.now(made["number"])["merged"] is True


def test_a_demand_that_is_lifted_fires_it(shop: Shop) -> None:
    shop.protect()
    made = shop.pull()
    arm(shop, made)
    shop.owner.ask("DELETE", f"{shop.api}/branches/main/protection")
    assert shop.now(made["number"])["merged"] is True


def test_where_nothing_is_missing_it_is_refused(shop: Shop) -> None:
    shop.protect()
    made = shop.pull()
    shop.check(made["head"]["sha"])
    assert refusal(arm(shop, made)) == ("UNPROCESSABLE", "Pull request is in clean status")


def test_where_the_repository_does_not_have_it_it_is_refused(shop: Shop) -> None:
    shop.protect()
    made = shop.pull()
    shop.double.change(shop.repo, settings={"allow_auto_merge": False})
    assert refusal(arm(shop, made)) == ("UNPROCESSABLE", "Auto merge is not allowed for this repository")


def test_another_head_than_expected_is_refused(shop: Shop) -> None:
    shop.protect()
    kind, message = refusal(arm(shop, shop.pull(), head="0" * 40))
    assert (kind, "expected head" in message) == ("UNPROCESSABLE", True)


def test_who_may_not_write_may_not_arm(shop: Shop) -> None:
    shop.protect()
    made = shop.pull()
    answer = shop.graphql(ARM, shop.eve, id=made["node_id"], head=None, method="MERGE")
    assert refusal(answer)[0] == "FORBIDDEN"


def test_a_method_that_is_switched_off_is_refused(shop: Shop) -> None:
    shop.protect()
    shop.double.change(shop.repo, settings={"allow_squash_merge": False})
    assert refusal(arm(shop, shop.pull()))[0] == "UNPROCESSABLE"


def test_it_is_disarmed_by_word(shop: Shop) -> None:
    shop.protect()
    made = shop.pull()
    arm(shop, made)
    answer = shop.graphql(DISARM, id=made["node_id"])
    assert answer["data"]["disablePullRequestAutoMerge"]["pullRequest"]["autoMergeRequest"] is None
    assert shop.graphql(DISARM, id=made["node_id"])["errors"][0]["type"] == "UNPROCESSABLE"
    shop.check(made["head"]["sha"])
    assert shop.now(made["number"])["merged"] is False
    assert shop.actions("pull_request")[-1] == "auto_merge_disabled"


def test_a_push_by_somebody_without_write_access_disarms(shop: Shop) -> None:
    shop.protect()
    made = shop.pull(shop.eve, fork=shop.eve.forks(shop.repo), branch="patch-1")
    arm(shop, made)
    shop.page(f"/pulls/{made['number']}/push", shop.eve, files={"shop.py": "price = 666\n"})
    assert shop.now(made["number"])["auto_merge"] is None
    assert shop.actions("pull_request")[-2:] == ["auto_merge_disabled", "synchronize"]


def test_a_push_by_somebody_with_write_access_leaves_it_armed(shop: Shop) -> None:
    shop.protect()
    made = shop.pull()
    arm(shop, made)
    moved = shop.page(f"/pulls/{made['number']}/push", shop.bob, files={"shop.py": "price = 3\n"})
    assert moved["auto_merge"] is not None
    shop.check(moved["head"]["sha"])
    assert shop.now(made["number"])["merged"] is True


def test_another_base_disarms(shop: Shop) -> None:
    shop.protect()
    made = shop.pull()
    arm(shop, made)
    shop.owner.pushes(shop.repo, {"side.py": "z = 1\n"}, "side")
    assert shop.call("PATCH", f"/pulls/{made['number']}", {"base": "side"}).body["auto_merge"] is None


def test_closing_disarms(shop: Shop) -> None:
    shop.protect()
    made = shop.pull()
    arm(shop, made)
    assert shop.call("PATCH", f"/pulls/{made['number']}", {"state": "closed"}).body["auto_merge"] is None


def test_merging_at_once_is_refused_while_something_is_missing(shop: Shop) -> None:
    shop.protect()
    made = shop.pull()
    with pytest.raises(Refused, match=r"405.*Required status check .*pawl.* is expected"):
        shop.call("PUT", f"/pulls/{made['number']}/merge", {"sha": made["head"]["sha"]})
    shop.check(made["head"]["sha"])
    assert shop.call("PUT", f"/pulls/{made['number']}/merge", {"sha": made["head"]["sha"]}).body["merged"] is True
