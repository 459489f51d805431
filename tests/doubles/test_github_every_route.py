"""Each of the double's own routes asked once, in one long conversation that GitHub's descriptions then judge."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doubles.github.client import Double, ask
from tests.doubles.test_github_core import MANIFEST, REPO, signed
from tests.doubles.vouch import violations

STALE = "GET /app/installations "
"""The description of this one list asks for accounts that are a user and an enterprise at once."""
GRANTED = {"administration": "write", "members": "read", "contents": "write", "issues": "write", "pull_requests": "write"}

ISSUE = [
    ("GET", "/issues?state=all&labels=bug&sort=updated&direction=asc"),
    ("GET", "/issues/1"),
    ("PATCH", "/issues/1", {"title": "New", "body": "Words", "labels": ["bug"], "assignees": ["mona"], "state": "closed"}),
    ("PATCH", "/issues/1", {"state": "open", "assignees": []}),
    ("POST", "/issues/1/labels", {"labels": ["one", "two"]}),
    ("PUT", "/issues/1/labels", {"labels": ["two", "three"]}),
    ("DELETE", "/issues/1/labels/three"),
    ("GET", "/issues/1/labels"),
    ("POST", "/labels", {"name": "pawl:fix", "color": "00ff00", "description": "Mend this"}),
    ("GET", "/labels"),
    ("GET", "/labels/pawl:fix"),
    ("PATCH", "/labels/pawl:fix", {"new_name": "pawl:add", "color": "ff0000"}),
    ("DELETE", "/labels/pawl:add"),
    ("POST", "/issues/1/comments", {"body": "Hello"}),
    ("GET", "/issues/1/comments?per_page=10"),
    ("GET", "/issues/comments?sort=updated&direction=desc"),
    ("POST", "/issues/1/reactions", {"content": "eyes"}),
    ("GET", "/issues/1/reactions"),
]
TREE = [
    ("GET", ""),
    ("GET", "/branches"),
    ("GET", "/branches/main"),
    ("GET", "/activity?ref=main&per_page=1"),
    ("GET", "/activity?ref=refs/heads/none"),
    ("GET", "/commits?sha=main"),
    ("GET", "/commits/main"),
    ("GET", "/compare/main...main"),
    ("GET", "/contents/a.txt"),
    ("GET", "/contents/docs"),
    ("GET", "/git/ref/heads/main"),
    ("GET", "/git/matching-refs/heads/"),
    ("GET", "/git/trees/main?recursive=1"),
    ("POST", "/git/blobs", {"content": "text", "encoding": "utf-8"}),
    ("GET", "/collaborators"),
    ("GET", "/collaborators/mona"),
    ("GET", "/collaborators/mona/permission"),
    ("PUT", "/collaborators/hubot", {"permission": "triage"}),
    ("DELETE", "/collaborators/hubot"),
    ("GET", "/forks"),
    ("GET", "/languages"),
    ("GET", "/topics"),
    ("PATCH", "", {"allow_auto_merge": True, "description": "A shop"}),
]
ELSEWHERE = [
    ("GET", "/installation/repositories"),
    ("GET", "/users/mona"),
    ("GET", "/users/pawl%5Bbot%5D"),
    ("GET", "/users/mona/repos"),
    ("GET", "/apps/pawl"),
    ("GET", "/rate_limit"),
    ("GET", "/meta"),
    ("GET", "/orgs/acme/teams"),
    ("GET", "/orgs/acme/teams/core"),
    ("GET", "/orgs/acme/teams/core/members"),
    ("GET", "/orgs/acme/teams/core/memberships/mona"),
    ("GET", "/orgs/acme/members/mona"),
    ("GET", "/orgs/acme/repos"),
]
AS_APP = [
    ("GET", "/app"),
    ("GET", "/app/installations"),
    ("GET", f"/repos/{REPO}/installation"),
    ("GET", "/users/mona/installation"),
    ("GET", "/orgs/acme/installation"),
    ("GET", "/app/hook/config"),
    ("GET", "/app/hook/deliveries?per_page=5"),
]


@pytest.fixture
def world(github: Double) -> dict[str, str]:
    """Return the tokens of the App, of its installations on a person and an organisation, and of the person."""
    mona = github.person("mona", name="Mona", email="mona@example.com")
    github.person("hubot")
    github.organisation("acme", owners=["mona"])
    github.repository(REPO, {"a.txt": "one\n", "docs/b.md": "two\n"}, private=True)
    github.repository("acme/site")
    github.team("acme", "core", ["mona"], {"acme/site": "write"})
    events = ["issues", "issue_comment", "push", "label", "fork", "repository", "create", "delete"]
    hook = {"hook_attributes": {"url": "http://127.0.0.1:9/hook"}}
    app = github.app("mona", MANIFEST | hook | {"default_permissions": GRANTED, "default_events": events})
    tokens = {"app": signed(app), "mona": mona.token}
    for name, repositories in (("mona", [REPO]), ("acme", None)):
        number = github.install(app, name, repositories)
        url = f"{github.api}/app/installations/{number}/access_tokens"
        tokens[f"on {name}"] = ask("POST", url, {}, tokens["app"]).body["token"]
    mona.open_issue(REPO, "First", "Body", ["bug"])
    return tokens


def converse(double: Double, token: str, steps: list[tuple[Any, ...]], base: str = "") -> None:
    for method, path, *data in steps:
        ask(method, double.api + base + path, data[0] if data else None, token)


async def test_every_answer_and_every_webhook_is_as_github_describes_it(github: Double, world: dict[str, str]) -> None:
    converse(github, world["on mona"], ISSUE + TREE, f"/repos/{REPO}")
    converse(github, world["on acme"], ELSEWHERE)
    converse(github, world["app"], AS_APP)
    mona = github.person("mona")
    comment = mona.comments(REPO, 1, "Here")
    reaction = mona.reacts(REPO, comment, "rocket")
    mona.ask("GET", f"/repos/{REPO}/issues/comments/{comment}/reactions")
    mona.ask("DELETE", f"/repos/{REPO}/issues/comments/{comment}/reactions/{reaction}")
    mona.edits(REPO, comment, "There")
    mona.deletes(REPO, comment)
    mona.pushes(REPO, {"c.txt": "three\n"}, "topic")
    mona.ask("DELETE", f"/repos/{REPO}/git/refs/heads/topic")
    mona.ask("POST", "/user/repos", {"name": "fresh"})
    mona.ask("GET", "/user/repos")
    mona.ask("GET", "/user")
    github.person("hubot").forks("acme/site")
    mona.ask("PATCH", f"/repos/{REPO}", {"archived": True})
    mona.ask("DELETE", "/repos/mona/fresh")
    await github.settled()
    said = github.traffic()
    assert {line["event"] for line in said if line["kind"] == "webhook"} >= {"installation", "issues", "push", "label", "fork"}
    assert [str(one) for one in violations(said) if STALE not in one.where] == []
