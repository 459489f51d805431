"""Reviews on the double: who may give which, what they weigh, and how they go."""

from __future__ import annotations

import pytest

from tests.doubles.github.client import Refused
from tests.doubles.scene import Shop

ONE = {"required_approving_review_count": 1}


def test_a_review_is_given_and_told(shop: Shop) -> None:
    made = shop.pull()
    review = shop.page(f"/pulls/{made['number']}/review", shop.owner, event="APPROVE", body="Good")
    action, payload = shop.told("pull_request_review")[0]
    assert (action, payload["review"]["id"], payload["review"]["state"]) == ("submitted", review["id"], "approved")
    found = shop.call("GET", f"/pulls/{made['number']}/reviews").body
    assert [(each["state"], each["commit_id"], each["user"]["login"]) for each in found] == [
        ("APPROVED", made["head"]["sha"], shop.owner.login)
    ]
    assert shop.call("GET", f"/pulls/{made['number']}/reviews/{review['id']}").body == found[0]


def test_creating_a_review_answers_200(shop: Shop) -> None:
    made = shop.pull()
    reply = shop.call("POST", f"/pulls/{made['number']}/reviews", {"event": "COMMENT", "body": "Seen"})
    assert (reply.status, reply.body["state"]) == (200, "COMMENTED")


@pytest.mark.parametrize("event", ["APPROVE", "REQUEST_CHANGES"])
def test_the_author_cannot_judge_his_own_work(shop: Shop, event: str) -> None:
    made = shop.pull()
    with pytest.raises(Refused, match=r"422.*your own pull request"):
        shop.bob.reviews(shop.repo, made["number"], event, "Mine")
    shop.bob.reviews(shop.repo, made["number"], "COMMENT", "Mine")
    assert [each["state"] for each in shop.call("GET", f"/pulls/{made['number']}/reviews").body] == ["COMMENTED"]


def test_words_are_needed_but_for_approvals(shop: Shop) -> None:
    made = shop.pull()
    with pytest.raises(Refused, match=r"422.*blank"):
        shop.owner.reviews(shop.repo, made["number"], "REQUEST_CHANGES")


def test_a_pending_review_is_seen_by_its_author_only_until_it_is_submitted(shop: Shop) -> None:
    number = shop.pull()["number"]
    at = f"{shop.api}/pulls/{number}/reviews"
    made = shop.owner.ask("POST", at, {"body": "Later"})
    assert made["state"] == "PENDING"
    assert shop.call("GET", f"/pulls/{number}/reviews").body == []
    assert shop.owner.ask("GET", at)[0]["id"] == made["id"]
    assert shop.owner.ask("POST", f"{at}/{made['id']}/events", {"event": "REQUEST_CHANGES"})["state"] == "CHANGES_REQUESTED"
    assert shop.owner.ask("PUT", f"{at}/{made['id']}", {"body": "Other words"})["body"] == "Other words"
    with pytest.raises(Refused, match="422"):
        shop.owner.ask("DELETE", f"{at}/{made['id']}")


def test_a_dismissed_review_weighs_nothing(shop: Shop) -> None:
    shop.protect(ONE, checks=False)
    number = shop.pull()["number"]
    review = shop.owner.reviews(shop.repo, number)
    assert shop.now(number)["mergeable_state"] == "clean"
    with pytest.raises(Refused, match="403"):
        shop.eve.ask("PUT", f"{shop.api}/pulls/{number}/reviews/{review}/dismissals", {"message": "No"})
    shop.call("PUT", f"/pulls/{number}/reviews/{review}/dismissals", {"message": "Not so"})
    assert shop.now(number)["mergeable_state"] == "blocked"
    assert shop.actions("pull_request_review") == ["submitted", "dismissed"]


def test_an_approval_can_be_withdrawn(shop: Shop) -> None:
    number = shop.pull()["number"]
    shop.owner.reviews(shop.repo, number)
    assert shop.page(f"/pulls/{number}/withdraw", shop.owner)["state"] == "DISMISSED"


def test_only_reviewers_who_may_write_count(shop: Shop) -> None:
    shop.protect(ONE, checks=False)
    number = shop.pull()["number"]
    shop.eve.reviews(shop.repo, number)
    assert shop.now(number)["mergeable_state"] == "blocked"
    shop.owner.reviews(shop.repo, number)
    assert shop.now(number)["mergeable_state"] == "clean"


def test_an_app_s_approval_counts_if_it_may_write_contents(shop: Shop) -> None:
    shop.protect(ONE, checks=False)
    number = shop.pull()["number"]
    shop.call("POST", f"/pulls/{number}/reviews", {"event": "APPROVE"})
    assert shop.now(number)["mergeable_state"] == "clean"


def test_requested_changes_block_until_the_reviewer_approves(shop: Shop) -> None:
    shop.protect(ONE, checks=False)
    number = shop.pull()["number"]
    shop.call("POST", f"/pulls/{number}/reviews", {"event": "APPROVE"})
    shop.owner.reviews(shop.repo, number, "REQUEST_CHANGES", "No")
    assert shop.now(number)["mergeable_state"] == "blocked"
    shop.owner.reviews(shop.repo, number)
    assert shop.now(number)["mergeable_state"] == "clean"


@pytest.mark.parametrize(("dismiss", "state"), [(True, "DISMISSED"), (False, "APPROVED")])
def test_a_push_dismisses_approvals_where_the_branch_says_so(shop: Shop, *, dismiss: bool, state: str) -> None:
    shop.protect({**ONE, "dismiss_stale_reviews": dismiss}, checks=False)
    number = shop.pull()["number"]
    shop.owner.reviews(shop.repo, number)
    shop.page(f"/pulls/{number}/push", shop.bob, files={"shop.py": "price = 4\n"})
    assert [each["state"] for each in shop.call("GET", f"/pulls/{number}/reviews").body] == [state]


def test_the_last_pusher_s_approval_is_not_enough_where_another_s_is_wanted(shop: Shop) -> None:
    shop.protect({**ONE, "require_last_push_approval": True}, checks=False)
    number = shop.pull()["number"]
    shop.page(f"/pulls/{number}/push", shop.owner, files={"shop.py": "price = 4\n"})
    shop.owner.reviews(shop.repo, number)
    assert shop.now(number)["mergeable_state"] == "blocked"


def test_owners_of_the_code_must_approve_where_the_branch_says_so(shop: Shop) -> None:
    carol = shop.double.person(f"carol-{shop.owner.login}")
    shop.double.change(shop.repo, collaborators={carol.login: "write"})
    shop.owner.pushes(shop.repo, {".github/CODEOWNERS": f"* @{shop.owner.login}\n*.py @{carol.login}\n"})
    shop.protect({**ONE, "require_code_owner_reviews": True}, checks=False)
    number = shop.pull()["number"]
    shop.owner.reviews(shop.repo, number)
    assert shop.now(number)["mergeable_state"] == "blocked"
    carol.reviews(shop.repo, number)
    assert shop.now(number)["mergeable_state"] == "clean"


def test_reviewers_are_asked_for_and_unasked(shop: Shop) -> None:
    number = shop.pull()["number"]
    at = f"/pulls/{number}/requested_reviewers"
    shop.call("POST", at, {"reviewers": [shop.owner.login]})
    assert [each["login"] for each in shop.call("GET", at).body["users"]] == [shop.owner.login]
    with pytest.raises(Refused, match=r"422.*author"):
        shop.call("POST", at, {"reviewers": [shop.bob.login]})
    with pytest.raises(Refused, match=r"422.*collaborator"):
        shop.call("POST", at, {"reviewers": ["nobody"]})
    shop.call("DELETE", at, {"reviewers": [shop.owner.login]})
    assert shop.actions("pull_request") == ["opened", "review_requested", "review_request_removed"]
