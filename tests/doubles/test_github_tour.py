"""Every route of the double is one that GitHub describes, and a tour of those for changes and judgements is spotless."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.doubles.github.client import Refused
from tests.doubles.github.routing import ROUTES, Route
from tests.doubles.github.server import application
from tests.doubles.github.state import GitHub
from tests.doubles.scene import Shop, heard
from tests.doubles.vouch import judged

ROOMS = {"checks", "graphql_api", "protection", "pulls", "review_comments", "reviews"}
"""Whose routes the tour visits; the others have tours of their own."""
UNSAID = {"/graphql", "/repos/{owner}/{repo}/contents"}
"""GraphQL is no operation of REST; the root of the contents is ``contents/{path}`` without a path."""
DIFF = "application/vnd.github.diff"


def described(method: str, template: str) -> bool:
    example = re.sub(r"{\w+\*?}", "1", template)
    said = {"kind": "rest", "method": method, "path": example, "status": 500, "response": {}}
    return template in UNSAID or not any("no such operation" in what for _, what in judged(said))


@pytest.fixture
def routes(tmp_path: Path) -> list[Route]:
    """Every route, once all rooms are open."""
    application(GitHub(tmp_path))
    return ROUTES


def test_every_route_is_one_of_github_s(routes: list[Route]) -> None:
    assert len(routes) > 100
    assert [f"{each.method} {each.template}" for each in routes if not described(each.method, each.template)] == []


def test_a_tour_of_every_room_is_as_github_describes_it(shop: Shop, routes: list[Route]) -> None:
    first, second = shop.pull(branch="one"), shop.pull(branch="two", files={"other.py": "o = 1\n"})
    visit_protection(shop)
    visit_rulesets(shop)
    visit_checks(shop, first["head"]["sha"])
    visit_reviews(shop, first["number"])
    visit_review_comments(shop, first["number"])
    visit_pulls(shop, first["number"], second["number"])
    shop.graphql("{ viewer { login } }")
    shop.double.admin("GET", "/webhooks/settled?seconds=30")
    seen = {
        (line["method"], line["template"])
        for line in heard(shop.double, shop.opened)
        if line["kind"] in {"rest", "graphql"} and line["status"] < 400
    }
    mine = {(each.method, each.template) for each in routes if each.handler.__module__.rsplit(".", 1)[-1] in ROOMS}
    assert len(mine) > 40
    assert mine - seen == set()


def visit_protection(shop: Shop) -> None:
    at = f"{shop.api}/branches/main/protection"
    shop.protect({"required_approving_review_count": 1}, admins=False)
    for method, path, data in (
        ("GET", "", None),
        ("POST", "/enforce_admins", None),
        ("GET", "/enforce_admins", None),
        ("DELETE", "/enforce_admins", None),
        ("PATCH", "/required_status_checks", {"strict": False}),
        ("GET", "/required_status_checks", None),
        ("PATCH", "/required_pull_request_reviews", {"dismiss_stale_reviews": True}),
        ("GET", "/required_pull_request_reviews", None),
        ("DELETE", "", None),
    ):
        shop.owner.ask(method, at + path, data)


def visit_rulesets(shop: Shop) -> None:
    where = {"ref_name": {"include": ["refs/heads/release/*"], "exclude": []}}
    data = {"name": "Releases", "enforcement": "active", "conditions": where, "rules": [{"type": "deletion"}]}
    made = shop.owner.ask("POST", f"{shop.api}/rulesets", data)["id"]
    shop.owner.ask("PUT", f"{shop.api}/rulesets/{made}", {"name": "Old releases"})
    for path in ("/rulesets", f"/rulesets/{made}", "/rules/branches/release/1"):
        assert shop.call("GET", path).body
    shop.owner.ask("DELETE", f"{shop.api}/rulesets/{made}")


def visit_checks(shop: Shop, sha: str) -> None:
    note = {"path": "shop.py", "start_line": 1, "end_line": 1, "start_column": 1, "end_column": 2, "annotation_level": "notice"}
    output = {
        "title": "T",
        "summary": "S",
        "text": "X",
        "annotations": [{**note, "message": "M", "raw_details": "R", "title": "T"}],
    }
    actions = [{"label": "Retry", "description": "Once more", "identifier": "retry"}]
    begun = {"name": "pawl", "head_sha": sha, "status": "in_progress", "started_at": "2026-01-01T00:00:00Z", "actions": actions}
    run = shop.call("POST", "/check-runs", {**begun, "details_url": "https://example.org/1", "external_id": "1"}).body
    shop.call("PATCH", f"/check-runs/{run['id']}", {"conclusion": "neutral", "output": output})
    suite = run["check_suite"]["id"]
    for path in (f"/check-runs/{run['id']}", f"/check-runs/{run['id']}/annotations", f"/check-suites/{suite}"):
        assert shop.call("GET", path).body
    for path in (f"/check-suites/{suite}/check-runs", "/commits/one/check-runs", "/commits/one/check-suites"):
        assert shop.call("GET", path).body["total_count"] == 1
    shop.call("POST", "/check-suites", {"head_sha": sha})
    shop.call("POST", f"/check-runs/{run['id']}/rerequest")
    shop.call("POST", f"/check-suites/{suite}/rerequest")
    shop.page(f"/check-runs/{run['id']}/click", shop.bob, identifier="retry")


def visit_reviews(shop: Shop, number: int) -> None:
    at = f"{shop.api}/pulls/{number}/reviews"
    made = shop.owner.ask("POST", at, {"body": "Later"})["id"]
    shop.owner.ask("DELETE", f"{at}/{made}")
    made = shop.owner.ask("POST", at, {})["id"]
    shop.owner.ask("POST", f"{at}/{made}/events", {"event": "APPROVE", "body": "Good"})
    shop.owner.ask("PUT", f"{at}/{made}", {"body": "Better"})
    shop.owner.ask("GET", at)
    shop.owner.ask("GET", f"{at}/{made}")
    shop.owner.ask("PUT", f"{at}/{made}/dismissals", {"message": "Not so"})


def visit_review_comments(shop: Shop, number: int) -> None:
    made = shop.owner.remarks(shop.repo, number, "shop.py", 1)
    for path in (f"/pulls/{number}/comments", f"/pulls/comments/{made}"):
        assert shop.call("GET", path).body


def visit_pulls(shop: Shop, first: int, second: int) -> None:
    shop.call("POST", f"/pulls/{first}/requested_reviewers", {"reviewers": [shop.owner.login]})
    shop.call("GET", f"/pulls/{first}/requested_reviewers")
    shop.call("DELETE", f"/pulls/{first}/requested_reviewers", {"reviewers": [shop.owner.login]})
    shop.call("PATCH", f"/pulls/{first}", {"title": "Other", "body": "Words", "maintainer_can_modify": False})
    for path in ("", f"/{first}", f"/{first}/commits", f"/{first}/files"):
        assert shop.call("GET", f"/pulls{path}").body
    assert "+price = 2" in shop.call("GET", f"/pulls/{first}", Accept=DIFF).body
    with pytest.raises(Refused, match="404"):
        shop.call("GET", f"/pulls/{second}/merge")
    shop.call("PUT", f"/pulls/{first}/merge", {"merge_method": "squash", "commit_title": "T", "commit_message": "M"})
    assert shop.call("GET", f"/pulls/{first}/merge").status == 204
    shop.call("PUT", f"/pulls/{second}/update-branch", {})
    assert [each["number"] for each in shop.call("GET", "/commits/two/pulls").body] == [second]
    shop.call("PATCH", f"/pulls/{second}", {"state": "closed"})
    shop.call("PATCH", f"/pulls/{second}", {"state": "open"})
    shop.bob.opens_pull(shop.repo, "two", "Once more", base="one")
