"""The transport: a token goes to one host only, and what may have been done is not done again by itself."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.errors import Fatal, Retryable
from bot.github.wire import Line, Patience, Wire


async def authorized(_fresh: bool) -> str:
    return "Bearer the token"


async def test_a_token_never_goes_to_another_host() -> None:
    async with aiohttp.ClientSession() as session:
        wire = Wire(Line(session, "https://api.example.test"), authorized)
        with pytest.raises(Fatal, match=r"would have taken the App's token to evil\.example"):
            await wire.getitem("https://evil.example/repos/a/b")


@pytest.mark.parametrize(("method", "times"), [("GET", 3), ("POST", 1)])
async def test_only_what_does_nothing_twice_is_repeated(method: str, times: int) -> None:
    seen: list[str] = []

    async def broken(request: web.Request) -> web.Response:
        seen.append(request.headers["X-GitHub-Api-Version"])
        return web.Response(status=502)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", broken)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        line = Line(session, str(server.make_url("")).rstrip("/"), patience=Patience(repetitions=3, first_pause=0.001))
        wire = Wire(line, authorized)
        with pytest.raises(Retryable, match="HTTP 502"):
            await (wire.getitem("/repos/a/b") if method == "GET" else wire.post("/repos/a/b/issues", data={"title": "x"}))
    assert len(seen) == times
