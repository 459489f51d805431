"""A small server that answers as it is told, a clock that only waiting moves, and a key for an App."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.github.client import Client
from bot.github.repository import Repository
from bot.github.wire import Line, Patience
from bot.ids import InstallationId, RepoName
from tests.github.hosted import hosted, hub

__all__ = ["hosted", "hub"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Clock:
    """Time that passes when somebody sleeps."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    def patience(self, **more: Any) -> Patience:
        return Patience(first_pause=0.0, sleep=self.sleep, clock=lambda: self.now, wall=lambda: 1_700_000_000 + self.now, **more)


@dataclass
class Answering:
    """A server that gives its answers in order, the last again and again, and remembers what it was asked."""

    answers: list[web.Response | Handler] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, request.path_qs, dict(request.headers), await request.read()))
        at = min(len(self.asked), len(self.answers)) - 1
        found = self.answers[at]
        if isinstance(found, web.Response):
            return web.Response(status=found.status, headers=found.headers.copy(), body=found.body)
        return await found(request)


@pytest.fixture(scope="session")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server() -> AsyncIterator[Answering]:
    answering = Answering()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answering.answer)
    async with TestServer(app) as running:
        answering.url = str(running.make_url("")).rstrip("/")
        yield answering


@pytest.fixture
def client(server: Answering, session: aiohttp.ClientSession, clock: Clock) -> Client:
    """A client that gives ``token first``, and ``token second`` once the first was not believed."""

    async def authorize(fresh: bool) -> str:
        return "token second" if fresh else "token first"

    return Client(Line(session, server.url + "/api/v3", patience=clock.patience()), authorize)


@pytest.fixture
def repo(client: Client) -> Repository:
    """A repository on the small server, for what never asks who the App is."""
    return Repository(RepoName("o/r"), InstallationId(1), client, app=None)  # type: ignore[arg-type] # it is not asked for


def told(value: Any, status: int = 200, **headers: str) -> web.Response:
    """An answer in JSON; underscores in names of headers stand for hyphens."""
    named = {key.replace("_", "-"): each for key, each in headers.items()}
    return web.Response(status=status, headers=named | {"Content-Type": "application/json"}, body=json.dumps(value).encode())
