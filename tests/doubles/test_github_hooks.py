"""The double's webhooks: signed, in order, kept in the log, redelivered under the same name, and disturbed on demand."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.doubles.github.client import AppFacts, Double, Person, ask
from tests.doubles.test_github_core import MANIFEST, REPO, signed
from tests.doubles.vouch import violations


@dataclass
class Ear:
    """Somewhere webhooks go: keeps what it heard, and answers with ``status``."""

    status: int = 202
    heard: list[tuple[str, str, bytes, str]] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        names = ("X-GitHub-Event", "X-GitHub-Delivery", "X-Hub-Signature-256")
        event, guid, signature = (request.headers[name] for name in names)
        self.heard.append((event, guid, await request.read(), signature))
        return web.Response(status=self.status)

    @property
    def events(self) -> list[str]:
        found = []
        for event, _, body, _ in self.heard:
            action = json.loads(body).get("action")
            found.append(f"{event}.{action}" if action else event)
        return found


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[Ear, str]]:
    ear = Ear()
    app = web.Application()
    app.router.add_post("/hook", ear.hear)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield ear, f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await runner.cleanup()


@dataclass
class Scene:
    double: Double
    app: AppFacts
    ear: Ear
    mona: Person
    issue: int


@pytest.fixture
async def scene(github: Double) -> AsyncIterator[Scene]:
    """mona's repository with the App installed, an issue, and an ear that has forgotten how it all began."""
    mona = github.person("mona")
    github.repository(REPO, {"a.txt": "one\n"})
    app = github.app("mona", MANIFEST)
    github.install(app, "mona", [REPO])
    number = mona.open_issue(REPO, "Hear")
    async with listening() as (ear, url):
        github.hook(app, url)
        yield Scene(github, app, ear, mona, number)


def deliveries(scene: Scene) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask("GET", f"{scene.double.api}/app/hook/deliveries", token=signed(scene.app)).body
    return found


async def test_a_comment_is_told_signed_and_whole(scene: Scene) -> None:
    comment = scene.mona.comments(REPO, scene.issue, "/pawl fix")
    await scene.double.settled()
    [(event, _, body, signature)] = scene.ear.heard
    wanted = hmac.new(scene.app.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
    payload = json.loads(body)
    assert (event, payload["action"], signature) == ("issue_comment", "created", f"sha256={wanted}")
    assert payload["comment"]["id"] == comment
    assert payload["sender"]["login"] == payload["comment"]["user"]["login"] == "mona"
    assert payload["repository"]["full_name"] == REPO
    assert payload["comment"]["url"].startswith(scene.double.api)
    assert payload["installation"]["id"]


async def test_what_people_do_comes_in_order(scene: Scene) -> None:
    comment = scene.mona.comments(REPO, scene.issue, "One")
    scene.mona.edits(REPO, comment, "Two")
    scene.mona.deletes(REPO, comment)
    scene.mona.labels(REPO, scene.issue, "bug", "pawl:fix")
    scene.mona.unlabels(REPO, scene.issue, "bug")
    scene.mona.close(REPO, scene.issue)
    scene.mona.pushes(REPO, {"b.txt": "two\n"})
    await scene.double.settled()
    comments = [f"issue_comment.{action}" for action in ("created", "edited", "deleted")]
    assert scene.ear.events == [*comments, "issues.labeled", "issues.labeled", "issues.unlabeled", "issues.closed", "push"]


async def test_a_pull_request_changed_as_an_issue_is_told_as_a_pull_request(scene: Scene) -> None:
    permissions = {"contents": "write", "issues": "write", "pull_requests": "write"}
    scene.double.admin("PATCH", f"/apps/{scene.app.id}", {"events": ["issues", "pull_request"], "permissions": permissions})
    scene.mona.pushes(REPO, {"b.txt": "two\n"}, "topic")
    number = scene.mona.opens_pull(REPO, "topic", "Two")
    scene.mona.labels(REPO, number, "pawl:verify")
    scene.mona.unlabels(REPO, number, "pawl:verify")
    scene.mona.ask("PATCH", f"/repos/{REPO}/issues/{number}", {"title": "Three"})
    scene.mona.close(REPO, number)
    await scene.double.settled()
    told = ["opened", "labeled", "unlabeled", "edited", "closed"]
    assert scene.ear.events == [f"pull_request.{action}" for action in told]
    assert json.loads(scene.ear.heard[1][2])["label"]["name"] == "pawl:verify"
    assert scene.double.get(f"/repos/{REPO}/pulls/{number}")["state"] == "closed"
    assert [str(one) for one in violations(scene.double.traffic())] == []


async def test_an_app_hears_only_what_it_asked_for_and_where_it_is(scene: Scene) -> None:
    scene.double.repository("mona/other")
    scene.mona.open_issue("mona/other", "Elsewhere")
    scene.mona.ask("POST", f"/repos/{REPO}/labels", {"name": "new"})
    await scene.double.settled()
    assert scene.ear.heard == []


async def test_installing_is_told(scene: Scene) -> None:
    scene.double.repository("mona/second")
    made = scene.double.install(scene.app, "mona", ["mona/second"])
    scene.double.admin("PATCH", f"/installations/{made}", {"deleted": True})
    await scene.double.settled()
    assert scene.ear.events == ["installation_repositories.added", "installation.deleted"]


async def test_a_redelivery_keeps_its_name(scene: Scene) -> None:
    scene.ear.status = 500
    scene.mona.comments(REPO, scene.issue, "Lost")
    await scene.double.settled()
    failed = deliveries(scene)[0]
    assert (failed["status_code"], failed["redelivery"]) == (500, False)
    scene.ear.status = 202
    ask("POST", f"{scene.double.api}/app/hook/deliveries/{failed['id']}/attempts", token=signed(scene.app))
    await scene.double.settled()
    (_, first, body, _), (_, second, again, _) = scene.ear.heard
    assert (first, body) == (second, again)
    newest = deliveries(scene)[0]
    assert (newest["guid"], newest["status_code"], newest["redelivery"]) == (failed["guid"], 202, True)
    assert newest["id"] != failed["id"]


async def test_a_hook_that_is_down_leaves_a_failed_delivery(scene: Scene) -> None:
    scene.double.hook(scene.app, "http://127.0.0.1:9/hook")
    scene.mona.comments(REPO, scene.issue, "Nobody there")
    await scene.double.settled()
    assert deliveries(scene)[0]["status_code"] == 502


async def test_deliveries_are_sent_twice_under_one_name(scene: Scene) -> None:
    scene.double.order("duplicate", event="issue_comment", count=1)
    scene.mona.comments(REPO, scene.issue, "Twice")
    scene.mona.comments(REPO, scene.issue, "Once")
    await scene.double.settled()
    names = [guid for _, guid, _, _ in scene.ear.heard]
    assert names[0] == names[1] != names[2]


async def test_deliveries_are_held_and_come_in_another_order(scene: Scene) -> None:
    scene.double.order("hold")
    for body in ("One", "Two", "Three"):
        scene.mona.comments(REPO, scene.issue, body)
    await scene.double.settled()
    assert scene.ear.heard == []
    scene.double.no_orders()
    assert scene.double.release("reversed") == 3
    await scene.double.settled()
    assert [json.loads(body)["comment"]["body"] for _, _, body, _ in scene.ear.heard] == ["Three", "Two", "One"]


async def test_dropped_deliveries_are_in_the_log_only(scene: Scene) -> None:
    scene.double.order("drop", count=1)
    scene.mona.comments(REPO, scene.issue, "Dropped")
    scene.mona.comments(REPO, scene.issue, "Sent")
    await scene.double.settled()
    assert [json.loads(body)["comment"]["body"] for _, _, body, _ in scene.ear.heard] == ["Sent"]
    assert [one["status_code"] for one in deliveries(scene)[:2]] == [202, 502]
    url = f"{scene.double.api}/app/hook/deliveries?status=failure"
    assert [one["status_code"] for one in ask("GET", url, token=signed(scene.app)).body] == [502]


async def test_a_late_delivery_comes_after_later_ones(scene: Scene) -> None:
    scene.double.order("delay", count=1, seconds=0.3)
    scene.mona.comments(REPO, scene.issue, "Late")
    scene.mona.comments(REPO, scene.issue, "Prompt")
    await scene.double.settled()
    assert [json.loads(body)["comment"]["body"] for _, _, body, _ in scene.ear.heard] == ["Prompt", "Late"]


async def test_the_log_is_read_page_by_page(scene: Scene) -> None:
    for number in range(5):
        scene.mona.comments(REPO, scene.issue, f"Comment {number}")
    await scene.double.settled()
    seen: list[int] = []
    for url in pages(scene, f"{scene.double.api}/app/hook/deliveries?per_page=2"):
        seen += [one["id"] for one in ask("GET", url, token=signed(scene.app)).body]
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) >= 5


def pages(scene: Scene, url: str) -> Iterator[str]:
    following = url
    while following:
        yield following
        link = ask("GET", following, token=signed(scene.app)).headers.get("link", "")
        following = link.partition(">")[0].strip("<")


async def test_the_app_is_made_by_its_manifest(github: Double) -> None:
    github.person("mona")
    manifest = MANIFEST | {"url": "https://example.com", "redirect_url": "http://127.0.0.1:9/setup"}
    async with aiohttp.ClientSession() as browser:
        async with browser.post(f"{github.url}/settings/apps/new?state=s1", data={"manifest": json.dumps(manifest)}) as page:
            assert "Create GitHub App" in await page.text()
        form = {"manifest": json.dumps(manifest), "name": "My Pawl", "login": "mona"}
        async with browser.post(f"{github.url}/settings/apps?state=s1", data=form, allow_redirects=False) as back:
            where = back.headers["Location"]
    assert where.startswith("http://127.0.0.1:9/setup?code=")
    assert where.endswith("&state=s1")
    code = where.split("code=")[1].split("&")[0]
    made = ask("POST", f"{github.api}/app-manifests/{code}/conversions").body
    assert (made["slug"], made["permissions"]["contents"]) == ("my-pawl", "write")
    facts = AppFacts(made["id"], "", "", 0, "", "", made["webhook_secret"], made["pem"])
    assert ask("GET", f"{github.api}/app", token=signed(facts)).body["name"] == "My Pawl"
    with pytest.raises(Exception, match="404"):
        ask("POST", f"{github.api}/app-manifests/{code}/conversions")
