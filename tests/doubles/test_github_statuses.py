"""Commit statuses on the double: who says them, which word counts, and what branch protection makes of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doubles.github.client import Refused
from tests.doubles.scene import Shop

BUILD = {"strict": False, "contexts": ["build"]}


def says(shop: Shop, sha: str, state: str, context: str = "build", **more: Any) -> Any:
    return shop.bob.ask("POST", f"{shop.api}/statuses/{sha}", {"state": state, "context": context, **more})


def test_the_newest_word_of_each_context_counts(shop: Shop) -> None:
    sha = shop.pull()["head"]["sha"]
    assert shop.call("GET", f"/commits/{sha}/status").body["state"] == "pending", "nobody said anything"
    says(shop, sha, "failure", target_url="https://ci.example/1", description="2 tests are red")
    says(shop, sha, "success", "Lint")
    says(shop, sha, "success")
    found = shop.call("GET", f"/commits/{sha}/status").body
    assert (found["state"], found["total_count"]) == ("success", 2)
    assert {each["context"]: each["state"] for each in found["statuses"]} == {"build": "success", "Lint": "success"}
    everything = shop.call("GET", f"/commits/{sha}/statuses").body
    assert [(each["state"], each["creator"]["login"]) for each in everything] == [
        ("success", shop.bob.login),
        ("success", shop.bob.login),
        ("failure", shop.bob.login),
    ]
    says(shop, sha, "error", "lint")
    assert shop.call("GET", f"/commits/{sha}/status").body["state"] == "failure", "contexts are alike whatever their case"
    _, told = shop.told("status")[-1]
    assert (told["sha"], told["context"], told["state"]) == (sha, "lint", "error")


@pytest.mark.parametrize(
    ("sha", "data", "why"),
    [
        ("0" * 40, {"state": "success"}, "No commit found"),
        (None, {"state": "fine"}, "not included"),
        (None, {"state": "success", "description": "x" * 141}, "too long"),
    ],
)
def test_what_is_no_status_is_refused(shop: Shop, sha: str | None, data: dict[str, Any], why: str) -> None:
    sha = sha or shop.pull()["head"]["sha"]
    with pytest.raises(Refused) as refused:
        shop.bob.ask("POST", f"{shop.api}/statuses/{sha}", data)
    assert refused.value.status == 422
    assert why in str(refused.value.body)


def test_an_app_that_may_only_read_them_says_none(shop: Shop) -> None:
    sha = shop.pull()["head"]["sha"]
    with pytest.raises(Refused) as refused:
        shop.call("POST", f"/statuses/{sha}", {"state": "success"})
    assert refused.value.status == 403


def test_a_required_one_holds_the_merge_up_until_it_is_green(shop: Shop) -> None:
    shop.protect(checks=BUILD)
    made = shop.pull()
    sha, number = made["head"]["sha"], made["number"]
    assert shop.now(number)["mergeable_state"] == "blocked"
    says(shop, sha, "pending")
    assert shop.now(number)["mergeable_state"] == "blocked"
    says(shop, sha, "success")
    assert shop.now(number)["mergeable_state"] == "clean"
    shop.check(sha, "build", "failure")
    assert shop.now(number)["mergeable_state"] == "blocked", "where there is a check of that name, too, both have to be green"


def test_one_that_nobody_requires_only_makes_it_unstable(shop: Shop) -> None:
    made = shop.pull()
    says(shop, made["head"]["sha"], "failure")
    assert shop.now(made["number"])["mergeable_state"] == "unstable"


def test_a_check_that_is_pinned_to_an_app_is_no_status(shop: Shop) -> None:
    shop.protect()
    made = shop.pull()
    says(shop, made["head"]["sha"], "success", "pawl")
    assert shop.now(made["number"])["mergeable_state"] == "blocked"
