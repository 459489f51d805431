"""``pawl serve`` as a process, before GitHub's double and a real Postgres: set up, ready, at work, drained."""

from __future__ import annotations

import asyncio
import hmac
import html
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr
from yarl import URL

from bot.errors import Retryable
from bot.installation.setup import filled, manifest
from bot.server import Ending, _kept_up, _until_ended, missing
from bot.settings import Settings
from bot.store.store import Store
from tests.doubles.github.client import Double

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db

ROOT = Path(__file__).parents[1]
CONFIGURED = {".github/pawl.yml": "runner: local\n"}


@dataclass
class Served:
    """A running ``pawl serve`` or ``pawl work``, and what it said so far."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    async def hear(self, word: str) -> str:
        """Return the first line that holds a word, waiting for it."""
        while not any(word in line for line in self.lines):
            assert self.process.stdout
            line = await asyncio.to_thread(self.process.stdout.readline)
            assert line, f"it ended and said {self.lines}"
            self.lines.append(line.strip())
        return next(line for line in self.lines if word in line)

    async def url(self) -> str:
        return (await self.hear("listening on")).rpartition(" ")[2]

    async def ended(self) -> int:
        return await asyncio.to_thread(self.process.wait, 60)


@contextmanager
def started(home: Path, database: str, double: Double | None, *arguments: str, **named: str) -> Iterator[Served]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PAWL_", "GITHUB_", "DATABASE_"))}
    given = {
        "PAWL_HOME": str(home),
        "PAWL_CACHE": str(home / "cache"),
        "PAWL_PORT": "0",
        "DATABASE_URL": database,
        "PAWL_LOG": "info",
    }
    if double is not None:
        given |= {"GITHUB_SERVER_URL": double.url, "GITHUB_API_URL": double.api}
    command = [sys.executable, "-m", "bot", *(arguments or ("serve",))]
    with (
        (home.parent / f"{home.name}.log").open("w") as log,
        subprocess.Popen(
            command, cwd=ROOT, env={**kept, **given, **named}, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        try:
            yield Served(process)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def home(tmp_path: Path) -> Path:
    place = tmp_path / "home"
    place.mkdir()
    return place


async def made(browser: aiohttp.ClientSession, setup: str, owner: str) -> str:
    """Go through the pages as a person does and return the last one."""
    async with browser.get(setup) as page:
        text = await page.text()
        assert page.status == 200, text
    action = html.unescape(re.findall(r'<form method="post" action="([^"]*)"', text)[0])
    told = html.unescape(re.findall(r'name="manifest" value="([^"]*)"', text)[0])
    state = parse_qs(urlsplit(action).query)["state"][0]
    server = action.partition("/settings/apps/new")[0]
    assert (await browser.post(action, data={"manifest": told})).status == 200
    async with browser.post(f"{server}/settings/apps?state={state}", data={"manifest": told, "login": owner}) as page:
        last = await page.text()
        assert page.status == 200, last
        return last


async def until(what: str, *parts: Any, connection: Db) -> Any:
    """Wait until a query gives something true."""
    async with asyncio.timeout(60):
        while not (found := await connection.fetchval(what, *parts)):  # noqa: ASYNC110 - another process is at it
            await asyncio.sleep(0.05)
    return found


async def test_a_new_server_is_set_up_and_takes_a_comment_to_a_run(
    github: Double, browser: aiohttp.ClientSession, home: Path, database: str, connection: Db
) -> None:
    github.person("mona")
    with started(home, database, github) as served:
        url = await served.url()
        setup = (await served.hear("there is no GitHub App yet: open")).rpartition(" ")[2].replace("localhost", "127.0.0.1")
        for path, status in (("/healthz", 200), ("/readyz", 503), ("/setup", 403), (f"{urlsplit(setup).path}?token=x", 403)):
            assert (await browser.get(f"{url}{path}")).status == status
        assert (await browser.post(f"{url}/webhook", data=b"{}")).status == 503
        assert (await browser.get(f"{url}/setup/made?code=1234&state=wrong")).status == 403
        last = await made(browser, setup, "mona")
        assert "/installations/new" in last
        await served.hear("ready")
        assert (await browser.get(f"{url}/readyz")).status == 200
        assert (home / "app.json").stat().st_mode & 0o077 == 0
        served.process.send_signal(signal.SIGTERM)
        assert await served.ended() == 0
    with started(home, database, github) as served:
        url = await served.url()
        await served.hear("ready")
        app = json.loads((home / "app.json").read_text(encoding="utf-8"))
        github.admin("PATCH", f"/apps/{app['id']}", {"hook_url": f"{url}/webhook"})
        github.repository("mona/adder", {"adder.py": "def add(a, b):\n    return a - b\n", **CONFIGURED})
        github.admin("POST", "/installations", {"app": app["id"], "account": "mona", "repositories": None})
        number = github.person("mona").open_issue("mona/adder", "add is wrong", "`add(2, 3)` should return 5")
        github.person("mona").comments("mona/adder", number, "/pawl fix")
        await until("SELECT count(*) FROM delivery WHERE event = 'issue_comment'", connection=connection)
        await until("SELECT count(*) FROM run WHERE origin_number = $1", number, connection=connection)
        served.process.send_signal(signal.SIGTERM)
        served.process.send_signal(signal.SIGTERM)
        assert await served.ended() == 0


def an_app() -> dict[str, str]:
    """Return the settings of an App that GitHub has never heard of."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    return {"PAWL_APP_ID": "1", "PAWL_PRIVATE_KEY": pem, "PAWL_WEBHOOK_SECRET": "s"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


async def test_what_came_while_nobody_was_there_is_asked_for_and_done_by_another_process(
    github: Double, home: Path, database: str, connection: Db
) -> None:
    mona, port = github.person("mona"), free_port()
    app = github.app("mona", filled(f"http://127.0.0.1:{port}"), "hush")
    github.repository("mona/adder", {"adder.py": "def add(a, b):\n    return a - b\n", **CONFIGURED})
    github.install(app, "mona")
    number = mona.open_issue("mona/adder", "add is wrong", "`add(2, 3)` should return 5")
    mona.comments("mona/adder", number, "/pawl status")
    await github.settled()
    key = home / "key.pem"
    key.write_text(app.pem, encoding="ascii")
    named = {"PAWL_APP_ID": str(app.id), "PAWL_PRIVATE_KEY_FILE": str(key), "PAWL_WEBHOOK_SECRET": "hush", "PAWL_PORT": str(port)}
    with (
        started(home, database, github, "serve", "--no-work", **named) as door,
        started(home, database, github, "work", **named) as hand,
    ):
        await door.hear("ready")
        await hand.hear("ready")
        await until("SELECT count(*) FROM delivery WHERE event = 'issue_comment' AND result = 'answered'", connection=connection)
        assert len(github.said("mona/adder", number)) > 1
        for each in (door, hand):
            each.process.send_signal(signal.SIGTERM)
            assert await each.ended() == 0


async def test_an_address_that_is_taken_is_said(home: Path, database: str) -> None:
    with started(home, database, None) as first:
        port = str(urlsplit(await first.url()).port)
        with started(home, database, None, PAWL_PORT=port) as second:
            assert await second.ended() == 2
    assert "cannot be listened on (Address already in use)" in (home.parent / "home.log").read_text(encoding="utf-8")


async def test_servers_that_share_a_port_listen_there_together(home: Path, database: str) -> None:
    app = {**an_app(), "PAWL_SHARE_PORT": "yes"}
    with started(home, database, None, "serve", "--no-work", **app) as first:
        port = str(urlsplit(await first.url()).port)
        with started(home, database, None, "serve", "--no-work", PAWL_PORT=port, **app) as second:
            await second.hear("ready")
            first.process.send_signal(signal.SIGTERM)
            assert await first.ended() == 0
            async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                assert answer.status == HTTPStatus.OK


async def test_whoever_posts_a_delivery_is_answered_however_the_address_is_spelled(home: Path, database: str) -> None:
    signed = {"X-Hub-Signature-256": f"sha256={hmac.digest(b's', b'{}', 'sha256').hex()}", "X-GitHub-Event": "ping"}
    spelled: tuple[tuple[str, dict[str, str], int], ...] = (
        ("/webhook", {}, 202),
        ("/webhook?from=github", {}, 202),
        ("/webhook", {"Expect": "100-continue"}, 202),
        ("/webhook/", {}, 404),
        ("/api/v1/runs/{run}/gates/{gate}", {}, 404),
        ("/nowhere", {}, 404),
    )
    with started(home, database, None, "serve", "--no-work", **an_app()) as served:
        url = await served.url()
        await served.hear("ready")
        async with aiohttp.ClientSession() as session:
            for number, (path, more, status) in enumerate(spelled):
                headers = {**signed, "X-GitHub-Delivery": str(number), **more}
                address = URL(f"{url}{path}", encoded=True)
                async with session.post(address, data=b"{}", headers=headers) as answer:
                    assert answer.status == status, path
            async with session.get(f"{url}/webhook") as answer:
                assert answer.status == HTTPStatus.METHOD_NOT_ALLOWED


async def test_one_server_alone_makes_the_app(home: Path, database: str) -> None:
    with started(home, database, None, PAWL_SHARE_PORT="yes") as served:
        assert await served.ended() == 2
    assert "unset PAWL_SHARE_PORT until it is made" in (home.parent / "home.log").read_text(encoding="utf-8")


async def test_who_works_needs_an_app(home: Path, database: str) -> None:
    with started(home, database, None, "work") as served:
        assert await served.ended() == 2
    assert "there is no GitHub App to work for: run `pawl serve`" in (home.parent / "home.log").read_text(encoding="utf-8")


async def test_a_server_that_waits_for_its_app_ends_when_it_is_asked_to(home: Path, database: str) -> None:
    with started(home, database, None) as served:
        await served.hear("there is no GitHub App yet")
        served.process.send_signal(signal.SIGINT)
        assert await served.ended() == 0


async def test_the_schema_is_brought_up_to_date(home: Path, database: str, connection: Db) -> None:
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    with started(home, database, None, "migrate") as served:
        await served.hear("the database is up to date: run, ledger, queue")
        assert await served.ended() == 0
    assert await connection.fetchval("SELECT count(*) FROM migration") > 4


async def test_work_is_kept_up_and_drained(store: Store) -> None:
    ending = Ending()
    begun = 0

    async def shaky(stop: asyncio.Event) -> None:
        nonlocal begun
        begun += 1
        if begun == 1:
            raise Retryable("the database does not answer")
        await stop.wait()

    async def steady(stop: asyncio.Event) -> None:
        await store.consume(nobody, stop)

    working = asyncio.create_task(_until_ended((shaky, steady), ending))
    while begun < 2:  # noqa: ASYNC110 - it is another task's
        await asyncio.sleep(0.01)
    ending.asked()
    async with asyncio.timeout(20):
        await working
    assert not ending.now.is_set()


async def nobody(_run: Any) -> None:
    pytest.fail("there is no run")


async def test_a_second_signal_gives_back_what_is_in_hand() -> None:
    ending = Ending()
    begun, gone = asyncio.Event(), asyncio.Event()

    async def stubborn(_stop: asyncio.Event) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()

    working = asyncio.create_task(_until_ended((stubborn,), ending))
    await begun.wait()
    ending.asked()
    ending.asked()
    async with asyncio.timeout(20):
        await working
    assert gone.is_set()


async def test_work_that_breaks_ends_the_server() -> None:
    async def broken(_stop: asyncio.Event) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await _until_ended((broken,), Ending())


async def test_what_is_stopped_is_not_begun_again() -> None:
    stop = asyncio.Event()

    async def away(_stop: asyncio.Event) -> None:
        stop.set()
        raise Retryable("away")

    async with asyncio.timeout(20):
        await _kept_up(away, stop)


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({}, ["GitHub cannot reach http://localhost:8080", "the database is Pawl's own"]),
        ({"PAWL_PUBLIC_URL": "https://pawl.example"}, ["the database is Pawl's own"]),
        ({"GITHUB_SERVER_URL": "http://127.0.0.1:3000", "DATABASE_URL": SecretStr("postgresql://db/p")}, []),
        ({"PAWL_PUBLIC_URL": "https://p.example", "PAWL_SANDBOX": "none"}, ["the database", "PAWL_SANDBOX is none"]),
    ],
)
def test_what_a_server_lacks_is_said_in_one_sentence_each(tmp_path: Path, named: dict[str, Any], words: list[str]) -> None:
    said = missing(Settings(PAWL_HOME=tmp_path, **named))
    assert len(said) == len(words)
    assert all(word in sentence for word, sentence in zip(words, said, strict=True))


def test_the_manifest_is_shipped() -> None:
    assert manifest()["name"] == "Pawl"
