"""Check runs and suites on the double: who writes them, their limits, buttons and re-runs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doubles.github.client import Refused
from tests.doubles.scene import Shop


def annotation(line: int = 1, **more: Any) -> dict[str, Any]:
    return {"path": "shop.py", "start_line": line, "end_line": line, "annotation_level": "warning", "message": "Look", **more}


def output(**more: Any) -> dict[str, Any]:
    return {"title": "Judged", "summary": "All well", **more}


def test_a_push_asks_the_app_for_its_suite(shop: Shop) -> None:
    sha = shop.pull()["head"]["sha"]
    action, payload = shop.told("check_suite")[-1]
    assert (action, payload["check_suite"]["head_sha"], payload["check_suite"]["head_branch"]) == ("requested", sha, "two")


def test_a_run_is_made_updated_and_completed(shop: Shop) -> None:
    made = shop.pull()
    sha, number = made["head"]["sha"], made["number"]
    run = shop.call("POST", "/check-runs", {"name": "pawl", "head_sha": sha, "status": "in_progress", "external_id": "r1"}).body
    assert (run["status"], run["conclusion"], run["completed_at"]) == ("in_progress", None, None)
    assert [each["number"] for each in run["pull_requests"]] == [number]
    done = shop.call("PATCH", f"/check-runs/{run['id']}", {"conclusion": "failure", "output": output(annotations=[annotation()])})
    assert (done.body["status"], done.body["conclusion"], done.body["output"]["annotations_count"]) == ("completed", "failure", 1)
    assert shop.actions("check_run") == ["created", "completed"]
    assert shop.actions("check_suite")[-2:] == ["requested", "completed"]
    assert shop.call("GET", f"/check-runs/{run['id']}").body == done.body
    suite = shop.call("GET", f"/commits/{sha}/check-suites").body["check_suites"][0]
    assert (suite["status"], suite["conclusion"], suite["latest_check_runs_count"]) == ("completed", "failure", 1)


def test_more_annotations_come_by_updates(shop: Shop) -> None:
    sha = shop.pull()["head"]["sha"]
    run = shop.check(sha, output=output(annotations=[annotation(line) for line in range(1, 51)]))
    shop.call("PATCH", f"/check-runs/{run['id']}", {"output": output(annotations=[annotation(51)])})
    found = shop.call("GET", f"/check-runs/{run['id']}/annotations?per_page=100").body
    assert [each["start_line"] for each in found] == list(range(1, 52))


BUTTON = {"label": "Retry", "description": "Once more", "identifier": "retry"}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"status": "completed"}, "conclusion"),
        ({"status": "done"}, "not a member"),
        ({"conclusion": "fine"}, "not a member"),
        ({"conclusion": "stale"}, "not a member"),
        ({"output": {"summary": "x"}}, "title"),
        ({"output": output(text="x" * 65_536)}, "65535"),
        ({"output": output(summary="x" * 65_536)}, "65535"),
        ({"output": output(annotations=[annotation()] * 51)}, "50"),
        ({"output": output(annotations=[annotation(annotation_level="loud")])}, "not a member"),
        ({"output": output(annotations=[annotation(end_line=3, start_column=1)])}, "multiple lines"),
        ({"actions": [BUTTON] * 4}, "No more than 3"),
        ({"actions": [{**BUTTON, "label": "x" * 21}]}, "Only 20"),
        ({"actions": [{**BUTTON, "description": "x" * 41}]}, "Only 40"),
        ({"actions": [{**BUTTON, "identifier": "x" * 21}]}, "Only 20"),
        ({"completed_at": "2026-01-01T00:00:00Z"}, "conclusion"),
        ({"started_at": "yesterday"}, "date-time"),
        ({"head_sha": "0" * 40}, "No commit found"),
        ({"name": None}, "name"),
    ],
)
def test_what_github_does_not_take(shop: Shop, data: dict[str, Any], why: str) -> None:
    sha = shop.pull()["head"]["sha"]
    with pytest.raises(Refused, match=r"422") as refused:
        shop.call("POST", "/check-runs", {"name": "pawl", "head_sha": sha, **data})
    assert why in refused.value.body["message"]
    assert shop.call("GET", f"/commits/{sha}/check-runs").body["total_count"] == 0


def test_texts_of_the_greatest_length_are_taken(shop: Shop) -> None:
    run = shop.check(shop.pull()["head"]["sha"], output=output(text="x" * 65_535), actions=[BUTTON] * 3)
    assert len(run["output"]["text"]) == 65_535


def test_only_apps_write_and_only_their_own(shop: Shop) -> None:
    sha = shop.pull()["head"]["sha"]
    with pytest.raises(Refused, match="403"):
        shop.owner.ask("POST", f"{shop.api}/check-runs", {"name": "pawl", "head_sha": sha})
    run = shop.check(sha)
    with pytest.raises(Refused, match="403"):
        shop.bob.ask("PATCH", f"{shop.api}/check-runs/{run['id']}", {"conclusion": "success"})


def test_runs_are_found_by_name_and_the_newest_counts(shop: Shop) -> None:
    sha = shop.pull()["head"]["sha"]
    first, second, other = shop.check(sha, conclusion="failure"), shop.check(sha), shop.check(sha, "pawl / tests")

    def found(query: str) -> list[int]:
        return [each["id"] for each in shop.call("GET", f"/commits/{sha}/check-runs?{query}").body["check_runs"]]

    assert found("") == [other["id"], second["id"]]
    assert found("check_name=pawl") == [second["id"]]
    assert found("check_name=pawl&filter=all") == [second["id"], first["id"]]
    assert found("app_id=1") == []
    assert found("status=in_progress") == []
    assert [each["id"] for each in shop.call("GET", "/commits/two/check-runs?check_name=pawl").body["check_runs"]] == [
        second["id"]
    ]


def test_a_button_is_clicked_by_who_may_write(shop: Shop) -> None:
    run = shop.check(shop.pull()["head"]["sha"], actions=[BUTTON])
    shop.page(f"/check-runs/{run['id']}/click", shop.bob, identifier="retry")
    action, payload = shop.told("check_run")[-1]
    assert (action, payload["requested_action"], payload["sender"]["login"]) == (
        "requested_action",
        {"identifier": "retry"},
        shop.bob.login,
    )
    for person, identifier, status in ((shop.eve, "retry", 403), (shop.bob, "burn", 404)):
        with pytest.raises(Refused, match=str(status)):
            shop.page(f"/check-runs/{run['id']}/click", person, identifier=identifier)


def test_checks_are_run_again_by_people_and_by_the_app(shop: Shop) -> None:
    run = shop.check(shop.pull()["head"]["sha"])
    suite = run["check_suite"]["id"]
    shop.page(f"/check-runs/{run['id']}/rerun", shop.bob)
    shop.page(f"/check-suites/{suite}/rerun", shop.bob)
    assert shop.call("POST", f"/check-runs/{run['id']}/rerequest").status == 201
    assert shop.call("POST", f"/check-suites/{suite}/rerequest").status == 201
    assert shop.actions("check_run")[-2:] == ["rerequested", "rerequested"]
    assert shop.actions("check_suite")[-2:] == ["rerequested", "rerequested"]
    assert shop.call("GET", f"/check-suites/{suite}/check-runs").body["total_count"] == 1
    assert shop.call("GET", f"/check-suites/{suite}").body["app"]["id"] == shop.app.id


def test_a_suite_is_made_once_for_a_commit(shop: Shop) -> None:
    main = shop.call("GET", "/git/ref/heads/main").body["object"]["sha"]
    known = shop.call("GET", f"/commits/{main}/check-suites").body["check_suites"]
    again = shop.call("POST", "/check-suites", {"head_sha": main})
    assert (again.status, again.body["id"]) == (200, known[0]["id"])
    tree = shop.call("GET", f"/git/commits/{main}").body["tree"]["sha"]
    loose = shop.call("POST", "/git/commits", {"message": "Loose", "tree": tree, "parents": [main]}).body["sha"]
    assert shop.call("POST", "/check-suites", {"head_sha": loose}).status == 201
