"""What protected branches of the double demand: by classic protection and by rulesets, of pushes and of merges."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doubles.github.client import Refused
from tests.doubles.scene import Shop

AT = "/branches/main/protection"
MAIN = {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}}


def ruleset(shop: Shop, *rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    data = {"name": "Main", "target": "branch", "enforcement": "active", "conditions": MAIN, "rules": list(rules), **more}
    made: dict[str, Any] = shop.owner.ask("POST", f"{shop.api}/rulesets", data)
    return made


def pull_rule(approvals: int = 1) -> dict[str, Any]:
    wanted = {
        "required_approving_review_count": approvals,
        "dismiss_stale_reviews_on_push": True,
        "require_code_owner_review": False,
        "require_last_push_approval": False,
        "required_review_thread_resolution": False,
    }
    return {"type": "pull_request", "parameters": wanted}


def check_rule(shop: Shop) -> dict[str, Any]:
    checks = [{"context": "pawl", "integration_id": shop.app.id}]
    return {
        "type": "required_status_checks",
        "parameters": {"required_status_checks": checks, "strict_required_status_checks_policy": True},
    }


def test_protection_is_set_read_changed_and_taken_away(shop: Shop) -> None:
    with pytest.raises(Refused, match=r"404.*Branch not protected"):
        shop.call("GET", AT)
    shop.protect({"required_approving_review_count": 2, "dismiss_stale_reviews": True}, admins=False)
    found = shop.call("GET", AT).body
    assert found["required_status_checks"]["checks"] == [{"context": "pawl", "app_id": shop.app.id}]
    assert found["required_pull_request_reviews"]["required_approving_review_count"] == 2
    assert (found["enforce_admins"]["enabled"], found["allow_force_pushes"]["enabled"]) == (False, False)
    shop.owner.ask("POST", f"{shop.api}{AT}/enforce_admins")
    assert shop.call("GET", f"{AT}/enforce_admins").body["enabled"] is True
    shop.owner.ask("PATCH", f"{shop.api}{AT}/required_status_checks", {"strict": True})
    assert shop.call("GET", f"{AT}/required_status_checks").body["contexts"] == ["pawl"]
    shop.owner.ask("PATCH", f"{shop.api}{AT}/required_pull_request_reviews", {"required_approving_review_count": 1})
    reviews = shop.call("GET", f"{AT}/required_pull_request_reviews").body
    assert (reviews["required_approving_review_count"], reviews["dismiss_stale_reviews"]) == (1, True)
    shop.owner.ask("DELETE", f"{shop.api}{AT}/enforce_admins")
    shop.owner.ask("DELETE", f"{shop.api}{AT}")
    with pytest.raises(Refused, match="404"):
        shop.call("GET", AT)


def test_who_may_not_administer_may_not_protect(shop: Shop) -> None:
    data = {"required_status_checks": None, "enforce_admins": None, "required_pull_request_reviews": None, "restrictions": None}
    for ask in (lambda: shop.bob.ask("PUT", f"{shop.api}{AT}", data), lambda: shop.call("PUT", AT, data)):
        with pytest.raises(Refused, match="403"):
            ask()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"required_pull_request_reviews": {"required_approving_review_count": 7}}, "between 0 and 6"),
        ({"enforce_admins": ...}, "enforce_admins"),
    ],
)
def test_what_github_does_not_take(shop: Shop, change: dict[str, Any], why: str) -> None:
    data: dict[str, Any] = {"required_status_checks": None, "enforce_admins": None, "required_pull_request_reviews": None}
    data = {key: value for key, value in ({**data, "restrictions": None} | change).items() if value is not ...}
    with pytest.raises(Refused, match="422") as refused:
        shop.owner.ask("PUT", f"{shop.api}{AT}", data)
    assert why in refused.value.body["message"]


def test_a_check_of_another_app_than_the_expected_one_does_not_count(shop: Shop) -> None:
    shop.protect(checks={"strict": False, "contexts": [], "checks": [{"context": "pawl", "app_id": 1}]})
    made = shop.pull()
    shop.check(made["head"]["sha"])
    assert shop.now(made["number"])["mergeable_state"] == "blocked"


@pytest.mark.parametrize(
    ("conclusion", "state"),
    [("success", "clean"), ("neutral", "clean"), ("skipped", "clean"), ("failure", "blocked"), ("cancelled", "blocked")],
)
def test_which_conclusions_satisfy(shop: Shop, conclusion: str, state: str) -> None:
    shop.protect()
    made = shop.pull()
    assert made["mergeable_state"] == "blocked"
    shop.check(made["head"]["sha"], conclusion=conclusion)
    assert shop.now(made["number"])["mergeable_state"] == state


def test_a_red_check_that_is_not_required_is_unstable(shop: Shop) -> None:
    shop.protect()
    made = shop.pull()
    shop.check(made["head"]["sha"])
    shop.check(made["head"]["sha"], "nice to have", "failure")
    assert shop.now(made["number"])["mergeable_state"] == "unstable"


def test_a_strict_branch_wants_the_head_up_to_date(shop: Shop) -> None:
    shop.protect(checks={"strict": True, "contexts": ["pawl"]})
    made = shop.pull()
    shop.owner.pushes(shop.repo, {"other.py": "y = 1\n"}, "side")
    shop.check(made["head"]["sha"])
    assert shop.now(made["number"])["mergeable_state"] == "clean"
    side = shop.owner.opens_pull(shop.repo, "side", "Side")
    shop.check(shop.now(side)["head"]["sha"])
    shop.owner.merges(shop.repo, side)
    assert shop.now(made["number"])["mergeable_state"] == "behind"
    with pytest.raises(Refused, match=r"405.*out of date"):
        shop.owner.merges(shop.repo, made["number"])
    shop.call("PUT", f"/pulls/{made['number']}/update-branch", {"expected_head_sha": made["head"]["sha"]})
    assert shop.now(made["number"])["mergeable_state"] == "blocked"
    shop.check(shop.now(made["number"])["head"]["sha"])
    assert shop.now(made["number"])["mergeable_state"] == "clean"


def test_a_protected_branch_takes_no_push_but_by_pull_request(shop: Shop) -> None:
    shop.protect({"required_approving_review_count": 0}, checks=False)
    with pytest.raises(Refused, match=r"GH006.*through a pull request"):
        shop.bob.pushes(shop.repo, {"shop.py": "price = 5\n"})
    shop.owner.merges(shop.repo, shop.pull()["number"])


@pytest.mark.parametrize("admins", [True, False])
def test_admins_pass_unless_the_rules_hold_for_them_too(shop: Shop, *, admins: bool) -> None:
    shop.protect({"required_approving_review_count": 1}, admins=admins)
    number = shop.pull()["number"]
    if admins:
        with pytest.raises(Refused, match=r"405.*status check"):
            shop.owner.merges(shop.repo, number)
    else:
        assert shop.owner.merges(shop.repo, number)


def test_no_force_push_and_no_deletion(shop: Shop) -> None:
    shop.protect(checks=False)
    before = shop.call("GET", "/git/ref/heads/main").body["object"]["sha"]
    shop.owner.pushes(shop.repo, {"shop.py": "price = 6\n"})
    with pytest.raises(Refused, match=r"422.*force-push"):
        shop.owner.ask("PATCH", f"{shop.api}/git/refs/heads/main", {"sha": before, "force": True})
    shop.owner.pushes(shop.repo, {}, "other")
    shop.double.change(shop.repo, default_branch="other")
    with pytest.raises(Refused, match=r"422.*delete"):
        shop.owner.ask("DELETE", f"{shop.api}/git/refs/heads/main")


def test_a_ruleset_demands_what_protection_does(shop: Shop) -> None:
    made = ruleset(shop, pull_rule(), check_rule(shop), {"type": "non_fast_forward"}, {"type": "deletion"})
    number = shop.pull()["number"]
    assert shop.now(number)["mergeable_state"] == "blocked"
    with pytest.raises(Refused, match="GH006"):
        shop.owner.pushes(shop.repo, {"shop.py": "price = 7\n"})
    shop.check(shop.now(number)["head"]["sha"])
    shop.owner.reviews(shop.repo, number)
    assert shop.now(number)["mergeable_state"] == "clean"
    rules = shop.call("GET", "/rules/branches/main").body
    assert [each["type"] for each in rules] == ["pull_request", "required_status_checks", "non_fast_forward", "deletion"]
    assert {each["ruleset_id"] for each in rules} == {made["id"]}
    assert shop.call("GET", "/rules/branches/other").body == []
    assert shop.actions("repository_ruleset") == ["created"]


def test_rulesets_are_listed_changed_and_deleted(shop: Shop) -> None:
    made = ruleset(shop, pull_rule())
    assert [each["id"] for each in shop.call("GET", "/rulesets").body] == [made["id"]]
    at = f"{shop.api}/rulesets/{made['id']}"
    assert shop.owner.ask("PUT", at, {"enforcement": "disabled"})["enforcement"] == "disabled"
    assert shop.call("GET", "/rules/branches/main").body == []
    assert shop.call("GET", f"/rulesets/{made['id']}").body["rules"][0]["type"] == "pull_request"
    shop.owner.ask("DELETE", at)
    with pytest.raises(Refused, match="404"):
        shop.call("GET", f"/rulesets/{made['id']}")


@pytest.mark.parametrize("kind", ["RepositoryRole", "Integration"])
def test_who_may_bypass_a_ruleset(shop: Shop, kind: str) -> None:
    actor = {"actor_id": 5 if kind == "RepositoryRole" else shop.app.id, "actor_type": kind, "bypass_mode": "always"}
    ruleset(shop, pull_rule(), bypass_actors=[actor])
    number = shop.pull()["number"]

    def as_app() -> None:
        shop.call("PUT", f"/pulls/{number}/merge", {})

    def as_owner() -> None:
        shop.owner.merges(shop.repo, number)

    passes, fails = (as_owner, as_app) if kind == "RepositoryRole" else (as_app, as_owner)
    with pytest.raises(Refused, match="405"):
        fails()
    passes()
