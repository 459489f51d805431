"""What GitHub's descriptions find in traffic: nothing in what GitHub says, and each kind of slip in what it would not say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doubles.published import recorded_webhooks
from tests.doubles.vouch import judged, violations

REACTION = {
    "id": 1,
    "node_id": "R_1",
    "content": "eyes",
    "created_at": "2026-01-02T03:04:05Z",
    "user": None,
}
REF: dict[str, Any] = {
    "ref": "refs/heads/feature/a",
    "node_id": "REF_1",
    "url": "https://example.com/api/v3/repos/o/r/git/refs/heads/feature/a",
    "object": {"type": "commit", "sha": "a" * 40, "url": "https://example.com/api/v3/repos/o/r/git/commits/aaaa"},
}
MUTATION = "mutation($id: ID!) { disablePullRequestAutoMerge(input: {pullRequestId: $id}) { pullRequest { number state } } }"


def rest(method: str, path: str, status: int, response: Any = None, **more: Any) -> dict[str, Any]:
    return {"kind": "rest", "method": method, "path": path, "status": status, "response": response, **more}


def graphql(query: str, answer: dict[str, Any], **variables: Any) -> dict[str, Any]:
    return {"kind": "graphql", "query": query, "variables": variables, "answer": answer}


@pytest.mark.parametrize(
    "spoken",
    [
        rest("POST", "/api/v3/repos/o/r/issues/1/reactions", 201, REACTION, request={"content": "eyes"}),
        rest("GET", "/repos/o/r/git/ref/heads/feature/a", 200, REF),
        rest("GET", "/repositories/12/git/ref/heads/feature/a", 200, REF),
        rest("DELETE", "/repos/o/r/git/refs/heads/feature/a", 204),
        rest(
            "GET",
            "/repos/o/r/git/ref/heads/none",
            404,
            {"message": "Not Found", "documentation_url": "https://x/y", "status": "404"},
        ),
        rest("GET", "/nowhere", 404, {"message": "Not Found", "documentation_url": "https://x/y"}),
        graphql(MUTATION, {"data": {"disablePullRequestAutoMerge": {"pullRequest": {"number": 1, "state": "OPEN"}}}}, id="PR_1"),
        graphql(
            MUTATION,
            {"data": {"disablePullRequestAutoMerge": None}, "errors": [{"message": "no", "type": "UNPROCESSABLE"}]},
            id="PR_1",
        ),
    ],
)
def test_what_github_says_is_no_violation(spoken: dict[str, Any]) -> None:
    assert violations([spoken]) == []


@pytest.mark.parametrize(
    ("spoken", "where", "what"),
    [
        (
            rest("POST", "/repos/o/r/issues/1/reactions", 201, REACTION, request={"content": "owl"}),
            "request $.content",
            "'owl' is not one of",
        ),
        (rest("POST", "/repos/o/r/issues/1/reactions", 201, REACTION), "request $", "None is not of type 'object'"),
        (
            rest("POST", "/repos/o/r/issues/1/reactions", 201, REACTION, request={"content": "eyes", "loud": 1}),
            "$.loud",
            "no such field",
        ),
        (
            rest("POST", "/repos/o/r/issues/1/reactions", 202, REACTION, request={"content": "eyes"}),
            "-> 202",
            "GitHub answers 200, 201",
        ),
        (
            rest("GET", "/repos/o/r/git/ref/heads/a", 200, {**REF, "object": {**REF["object"], "sha": "abc"}}),
            "$.object.sha",
            "too short",
        ),
        (rest("GET", "/repos/o/r/git/ref/heads/a", 200, {**REF, "moved": True}), "$.moved", "no such field"),
        (rest("GET", "/repos/o/r/git/ref/heads/a?fresh=1", 200, REF), "?fresh", "no such parameter"),
        (rest("DELETE", "/repos/o/r/git/refs/heads/a", 204, {"ok": 1}), "-> 204", "without a body"),
        (
            rest("POST", "/repos/o/r/issues/1/reactions", 201, {**REACTION, "created_at": "now"}, request={"content": "eyes"}),
            "created_at",
            "date-time",
        ),
        (rest("GET", "/repos/o/r/brakes", 200, {}), "GET /repos/o/r/brakes", "no such operation"),
        (rest("GET", "/repos/o/r/git/ref/heads/a", 502, {"error": "broken"}), "-> 502", "'message' is a required property"),
        (graphql("{ viewer { logn } }", {"data": {"viewer": {"logn": "x"}}}), "graphql", "Cannot query field 'logn'"),
        (graphql("{ viewer { login } }", {"data": {"viewer": {}}}), "graphql", "asked for and not answered"),
        (graphql("{ viewer { login } }", {"data": {"viewer": {"login": None}}}), "graphql", "is never null"),
        (graphql("{ viewer { login } }", {"data": {"viewer": {"login": "x", "id": "U"}}}), "graphql", "nobody asked"),
        (graphql("{ viewer { databaseId } }", {"data": {"viewer": {"databaseId": "1"}}}), "graphql", "'1' is no Int"),
        (
            graphql(
                MUTATION, {"data": {"disablePullRequestAutoMerge": {"pullRequest": {"number": 1, "state": "BUSY"}}}}, id="PR"
            ),
            "graphql",
            "'BUSY' is no",
        ),
        (graphql(MUTATION, {"data": {"disablePullRequestAutoMerge": None}}), "graphql", "Variable '$id'"),
        (graphql("{ viewer { login } }", {}), "graphql", "neither data nor errors"),
    ],
)
def test_what_github_would_not_say_is_found(spoken: dict[str, Any], where: str, what: str) -> None:
    found = violations([{"kind": "webhook", "event": "nothing", "payload": {}}, spoken])
    assert found[0].line == 1
    assert any(each.line == 2 and where in each.where and what in each.what for each in found), list(map(str, found))


def test_an_interface_is_answered_by_any_of_its_types() -> None:
    query = '{ node(id: "PR_1") { id ... on PullRequest { number } } }'
    assert violations([graphql(query, {"data": {"node": {"id": "PR_1", "number": 3}}})]) == []
    assert violations([graphql(query, {"data": {"node": {"id": "PR_1", "number": "3"}}})])


def test_what_people_recorded_from_github_is_known_and_mostly_clean() -> None:
    assert len(recorded_webhooks()) == 329
    found = [list(judged({"kind": "webhook", "event": event, "payload": payload})) for event, payload in recorded_webhooks()]
    assert sum(not each for each in found) > 150  # the others are older than fields that GitHub requires today
    assert not [where for each in found for where, what in each if "no such event" in what]


def test_a_webhook_with_a_field_missing_is_found() -> None:
    clean = next(
        (event, payload)
        for event, payload in recorded_webhooks()
        if event == "check_run" and not list(judged({"kind": "webhook", "event": event, "payload": payload}))
    )
    event, payload = clean
    broken = {**payload, "check_run": {key: value for key, value in payload["check_run"].items() if key != "head_sha"}}
    assert [what for _, what in judged({"kind": "webhook", "event": event, "payload": broken})] == [
        "'head_sha' is a required property"
    ]


def test_a_line_of_no_known_kind_is_no_recording() -> None:
    with pytest.raises(ValueError, match="not 'smoke'"):
        violations([{"kind": "smoke"}])
