"""What a person at ``gh`` asks of the double: issues, comments, reviews and checks by GraphQL, on the published schema."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doubles.github.client import AppFacts, Double, Person, ask
from tests.doubles.test_github_core import MANIFEST, REPO, signed
from tests.doubles.vouch import violations

OWNER, NAME = REPO.split("/")


@pytest.fixture
def mona(github: Double) -> Person:
    person = github.person("mona")
    github.person("hubot")
    github.repository(REPO, {"a.txt": "one\n"}, collaborators={"hubot": "write"})
    return person


def asked(person: Person, query: str, **variables: Any) -> Any:
    answer = ask("POST", f"{person.double.url}/api/graphql", {"query": query, "variables": variables}, person.token).body
    assert "errors" not in answer, answer
    return answer["data"]


def refused(person: Person, query: str, **variables: Any) -> str:
    answer = ask("POST", f"{person.double.url}/api/graphql", {"query": query, "variables": variables}, person.token).body
    kind: str = answer["errors"][0]["type"]
    return kind


SUBJECT = """query($owner: String!, $name: String!, $number: Int!) { repository(owner: $owner, name: $name) {
  id hasIssuesEnabled issue: issueOrPullRequest(number: $number) {
  __typename ... on Issue { id url } ... on PullRequest { id } } } }"""
COMMENT = """mutation($to: ID!, $body: String!) { addComment(input: {subjectId: $to, body: $body}) {
  commentEdge { node { id url body author { login } } } } }"""
CREATE = (
    "mutation($in: ID!, $title: String!) { createIssue(input: {repositoryId: $in, title: $title}) { issue { number state } } }"
)
CLOSE = "mutation($id: ID!) { closeIssue(input: {issueId: $id}) { issue { number state stateReason } } }"
LIST = """query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { issues(first: 5, states: [OPEN]) {
  totalCount nodes { number title updatedAt labels(first: 5) { nodes { name color } }
  comments(last: 1) { totalCount nodes { body reactionGroups { content users { totalCount } } } } } } } }"""
REVIEW = """mutation($id: ID!, $event: PullRequestReviewEvent) {
  addPullRequestReview(input: {pullRequestId: $id, event: $event}) { pullRequestReview { state author { login } } } }"""
CHECKS = """query($id: ID!) { node(id: $id) { ... on PullRequest { additions changedFiles labels(first: 5) { totalCount }
  commits(last: 1) { nodes { commit { statusCheckRollup { state contexts(first: 5) { nodes { __typename
  ... on CheckRun { name status conclusion detailsUrl } } } } } } } } } }"""


def subject(person: Person, number: int) -> Any:
    return asked(person, SUBJECT, owner=OWNER, name=NAME, number=number)["repository"]


def test_an_issue_is_opened_talked_about_listed_and_closed(github: Double, mona: Person) -> None:
    number = asked(mona, CREATE, **{"in": github.get(f"/repos/{REPO}")["node_id"], "title": "By gh"})["createIssue"]["issue"][
        "number"
    ]
    found = subject(mona, number)["issue"]
    assert found["__typename"] == "Issue"
    said = asked(mona, COMMENT, to=found["id"], body="/pawl fix")["addComment"]["commentEdge"]["node"]
    assert (said["body"], said["author"]["login"]) == ("/pawl fix", "mona")
    assert github.said(REPO, number) == ["/pawl fix"]
    mona.reacts(REPO, github.get(f"/repos/{REPO}/issues/{number}/comments")[0]["id"], "eyes")
    mona.labels(REPO, number, "bug")
    [listed] = asked(mona, LIST, owner=OWNER, name=NAME)["repository"]["issues"]["nodes"]
    assert [label["name"] for label in listed["labels"]["nodes"]] == ["bug"]
    groups = listed["comments"]["nodes"][0]["reactionGroups"]
    assert {group["content"]: group["users"]["totalCount"] for group in groups}["EYES"] == 1
    assert asked(mona, CLOSE, id=found["id"])["closeIssue"]["issue"]["stateReason"] == "COMPLETED"
    assert github.get(f"/repos/{REPO}/issues/{number}")["state"] == "closed"
    assert [str(one) for one in violations(github.traffic())] == []


def test_a_stranger_talks_but_does_not_close(github: Double, mona: Person) -> None:
    number = mona.open_issue(REPO, "Open")
    stranger = github.person("stranger")
    node = subject(stranger, number)["issue"]["id"]
    asked(stranger, COMMENT, to=node, body="Me too")
    assert refused(stranger, CLOSE, id=node) == "FORBIDDEN"
    assert refused(stranger, COMMENT, to=node, body=" ") == "UNPROCESSABLE"
    assert refused(stranger, COMMENT, to="I_none", body="Where?") == "NOT_FOUND"


def test_a_pull_request_is_reviewed_and_its_checks_are_seen(github: Double, mona: Person) -> None:
    app = github.app("mona", MANIFEST | {"default_permissions": {"checks": "write", "contents": "read"}})
    head = mona.pushes(REPO, {"b.txt": "two\n"}, "topic")
    number = mona.opens_pull(REPO, "topic", "Two")
    node = subject(mona, number)["issue"]["id"]
    assert refused(mona, REVIEW, id=node, event="APPROVE") == "UNPROCESSABLE"
    made = asked(github.person("hubot"), REVIEW, id=node, event="APPROVE")["addPullRequestReview"]["pullRequestReview"]
    assert made == {"state": "APPROVED", "author": {"login": "hubot"}}
    secret = token(github, app)
    for name, conclusion in (("pawl", "failure"), ("pawl / lint", "success")):
        check = {"name": name, "head_sha": head, "status": "completed", "conclusion": conclusion}
        ask("POST", f"{github.api}/repos/{REPO}/check-runs", check, secret)
    found = asked(mona, CHECKS, id=node)["node"]
    assert (found["additions"], found["changedFiles"]) == (1, 1)
    rollup = found["commits"]["nodes"][0]["commit"]["statusCheckRollup"]
    assert rollup["state"] == "FAILURE"
    assert [(one["name"], one["conclusion"]) for one in rollup["contexts"]["nodes"]] == [
        ("pawl", "FAILURE"),
        ("pawl / lint", "SUCCESS"),
    ]
    assert [str(one) for one in violations(github.traffic())] == []


def token(double: Double, app: AppFacts) -> str:
    made = double.install(app, "mona", [REPO])
    secret: str = ask("POST", f"{double.api}/app/installations/{made}/access_tokens", {}, signed(app)).body["token"]
    return secret
