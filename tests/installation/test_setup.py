"""``/setup``: who may open it, what GitHub is sent, and that the manifest is what the code needs, no more and no less."""

from __future__ import annotations

import ast
import html
import importlib
import json
import pkgutil
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot import webhooks
from bot.installation.credentials import find
from bot.installation.setup import Setup, filled, manifest
from bot.registry import plugins
from bot.settings import Settings
from bot.webhook import Event
from tests.doubles import github as double
from tests.doubles.github.client import Double
from tests.doubles.github.routing import GRADES
from tests.doubles.github.routing import find as route_of

ROOT = Path(__file__).parents[2]
Client = TestClient[web.Request, web.Application]
UNASKED = {"ping", "installation", "installation_repositories"}
"""Events that every App gets; a manifest may not name them."""
BY_EVENT = {"merge_group": {"merge_queues": "read"}}
"""Permissions that GitHub asks for before it sends an event, and that no request of Pawl's needs."""
METHODS = {"get": "GET", "pages": "GET", "post": "POST", "patch": "PATCH", "put": "PUT", "delete": "DELETE"}


def test_the_app_asks_for_the_events_that_are_answered() -> None:
    assert set(manifest()["default_events"]) == set(plugins(webhooks, Event)) - UNASKED
    assert set(plugins(webhooks, Event)) >= UNASKED
    assert len(manifest()["default_events"]) == len(set(manifest()["default_events"]))


def requests() -> Iterator[tuple[str, str]]:
    """Yield the method and path of every request that the nouns of GitHub make; what varies in a path is 1."""
    for file in (ROOT / "bot/github").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS and node.args:
                receiver, path = ast.unparse(node.func.value), said(node.args[0])
                if receiver.endswith(("repo", "client", "client()", "self._own", "_anyone()")) and path:
                    yield METHODS[node.func.attr], path if path.startswith("/") else f"/repos/o/r/{path}".rstrip("/")


def said(node: ast.expr) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    if not isinstance(node, ast.JoinedStr | ast.Constant):
        return ""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "1" for part in parts)


def needed() -> dict[str, str]:
    """Return what the requests need by GitHub's own word, as the double keeps it, and what the events need."""
    for module in pkgutil.iter_modules(double.__path__):
        if module.name not in {"__main__", "fixture", "client", "seed"}:
            importlib.import_module(f"{double.__name__}.{module.name}")
    wanted: list[Mapping[str, str]] = [next(iter(route_of(method, path)[0].needs), {}) for method, path in requests()]
    wanted += [BY_EVENT[each] for each in manifest()["default_events"] if each in BY_EVENT]
    found = {"metadata": "read"}
    for name, grade in (pair for each in wanted for pair in each.items()):
        found[name] = max(grade, found.get(name, "read"), key=GRADES.index)
    return found


def test_the_app_asks_for_the_least_permissions() -> None:
    assert len(list(requests())) > 40, "the requests are found"
    assert manifest()["default_permissions"] == needed()
    assert "workflows" not in needed()
    assert manifest()["public"] is False


def test_the_manifest_is_one_that_github_takes() -> None:
    sent = filled("https://pawl.example")
    assert sent["hook_attributes"] == {"url": "https://pawl.example/webhook", "active": True}
    assert sent["redirect_url"] == "https://pawl.example/setup/made"
    assert "example.invalid" not in json.dumps(sent)
    assert set(sent) <= {
        *("name", "url", "hook_attributes", "redirect_url", "callback_urls", "setup_url", "description", "public"),
        *("default_events", "default_permissions", "request_oauth_on_install", "setup_on_update"),
    }


def test_app_yml_is_at_the_root() -> None:
    assert yaml.safe_load((ROOT / "app.yml").read_text(encoding="utf-8")) == manifest()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def pages(session: aiohttp.ClientSession, github: Double, tmp_path: Path) -> Setup:
    named: dict[str, Any] = {
        "GITHUB_SERVER_URL": github.url,
        "GITHUB_API_URL": github.api,
        "PAWL_PUBLIC_URL": "https://pawl.example",
    }
    return Setup(Settings(PAWL_HOME=tmp_path, **named), session)


@pytest.fixture
async def client(pages: Setup) -> AsyncIterator[Client]:
    app = web.Application()
    app.add_routes(pages.routes())
    async with TestClient(TestServer(app)) as opened:
        yield opened


async def shown(client: Client, path: str, status: int = 200) -> str:
    async with client.get(path, allow_redirects=False) as answer:
        text = await answer.text()
        assert answer.status == status, text
        if status == 200:
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
            assert answer.headers["Cache-Control"] == "no-store"
        else:
            assert text.count("\n") == 1
        return text


def part(pattern: str, page: str) -> str:
    return html.unescape(re.findall(pattern, page)[0])


async def test_the_form_sends_the_manifest_to_github(client: Client, pages: Setup, github: Double) -> None:
    page = await shown(client, f"/setup?token={pages.token}")
    action = part(r'<form method="post" action="([^"]*)"', page)
    assert action == f"{github.url}/settings/apps/new?state={pages.state}"
    assert json.loads(part(r'name="manifest" value="([^"]*)"', page)) == filled("https://pawl.example")
    assert "GitHub cannot reach" not in page


async def test_an_organisation_may_own_the_app(client: Client, pages: Setup, github: Double) -> None:
    page = await shown(client, f"/setup?token={pages.token}&organization=acme-1")
    assert part(r'<form method="post" action="([^"]*)"', page).startswith(f"{github.url}/organizations/acme-1/settings/apps/new?")


@pytest.mark.parametrize("organization", ["a/b", "%22%3E%3Cscript%3E", "-a", "a" * 40, "ü"])
async def test_what_is_no_organisation_is_said(client: Client, pages: Setup, organization: str) -> None:
    assert "no organisation's name" in await shown(client, f"/setup?token={pages.token}&organization={organization}", 400)


@pytest.mark.parametrize("token", ["", "x", "%ff", "\u00fc"])
async def test_only_who_saw_the_servers_words_may_open_it(client: Client, token: str) -> None:
    assert "pawl serve" in await shown(client, f"/setup?token={token}", 403)
    assert "was not begun here" in await shown(client, f"/setup/made?code=abc&state={token}", 403)


async def test_the_code_becomes_the_apps_keys_once(
    client: Client, pages: Setup, github: Double, session: aiohttp.ClientSession
) -> None:
    github.person("mona")
    told: Any = {"manifest": json.dumps(filled("https://pawl.example")), "login": "mona"}
    async with session.post(f"{github.url}/settings/apps?state={pages.state}", data=told, allow_redirects=False) as answer:
        back = urlsplit(answer.headers["Location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == "https://pawl.example/setup/made"
    assert parse_qs(back.query)["state"] == [pages.state]
    assert find(pages.settings) is None
    page = await shown(client, f"{back.path}?{back.query}")
    assert "/installations/new" in page
    assert pages.made.is_set()
    found = find(pages.settings)
    assert found is not None
    assert found.private_key.get_secret_value() not in page
    assert "there is an App already" in await shown(client, f"{back.path}?{back.query}", 409)


@pytest.mark.parametrize(
    ("code", "sentence"), [("0" * 40, "GitHub has nothing for"), ("", "has no code"), ("a/../b", "has no code")]
)
async def test_a_code_that_is_none_is_said(client: Client, pages: Setup, code: str, sentence: str) -> None:
    assert sentence in await shown(client, f"/setup/made?code={code}&state={pages.state}", 400)
    assert not pages.made.is_set()


async def test_a_github_that_is_away_is_said(client: Client, pages: Setup, github: Double) -> None:
    github.fault("status", path="/app-manifests/*", status=502, count=50)
    said = await shown(client, f"/setup/made?code=abc&state={pages.state}", 502)
    assert "try again" in said


async def test_a_server_at_home_is_warned_that_github_cannot_reach_it(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    at_home = Setup(Settings(PAWL_HOME=tmp_path), session)
    assert at_home.url == f"http://localhost:8080/setup?token={at_home.token}"
    app = web.Application()
    app.add_routes(at_home.routes())
    async with TestClient(TestServer(app)) as client:
        assert "GitHub cannot reach http://localhost:8080" in await shown(client, f"/setup?token={at_home.token}")
