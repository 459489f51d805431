"""Callers are answered in one sentence, and what is too much is not read to its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.callers import Turned, body, said

MOST = 10
Caller = TestClient[web.Request, web.Application]


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return said(HTTPStatus.OK, str(len(await body(request, MOST, "send less"))))
        except Turned as error:
            return said(error.status, str(error))

    async def greet(_request: web.Request) -> web.StreamResponse:
        return said(HTTPStatus.ACCEPTED, "grüß dich")

    app = web.Application()
    app.router.add_post("/", answer)
    app.router.add_route("*", "/greet", greet)
    async with TestClient(TestServer(app)) as made:
        yield made


async def in_parts(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"12345"


@pytest.mark.parametrize(("sent", "status", "line"), [(0, 200, "0"), (10, 200, "10"), (11, 413, "send less")])
async def test_so_much_is_read(caller: Caller, sent: int, status: int, line: str) -> None:
    async with caller.post("/", data=b"x" * sent) as answer:
        assert (answer.status, await answer.text()) == (status, f"{line}\n")


@pytest.mark.parametrize(("parts", "status"), [(2, 200), (3, 413)])
async def test_a_length_that_nobody_told_is_counted(caller: Caller, parts: int, status: int) -> None:
    async with caller.post("/", data=in_parts(parts)) as answer:
        assert answer.status == status


async def raw(caller: Caller, head: str) -> bytes:
    """Send requests as they stand and return all that comes back until the server closes."""
    reader, writer = await asyncio.open_connection(caller.host, caller.port)
    writer.write(head.encode())
    async with asyncio.timeout(10):
        found = await reader.read()
    writer.close()
    return found


@pytest.mark.parametrize("method", ["POST", "GET", "PUT"])
async def test_an_answer_is_the_same_however_it_is_asked_for(caller: Caller, method: str) -> None:
    for _ in range(2):  # on one connection
        async with caller.request(method, "/greet", data=b"ignored") as answer:
            assert (answer.status, answer.reason) == (202, "Accepted")
            assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
            assert abs(parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()) < 60
            assert await answer.text() == "grüß dich\n"


async def test_who_asks_for_the_head_alone_gets_it(caller: Caller) -> None:
    async with caller.head("/greet") as answer:
        assert (answer.status, await answer.read()) == (202, b"")


@pytest.mark.parametrize("head", ["POST /greet HTTP/1.0\r\n\r\n", "POST /greet HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
async def test_who_wants_the_connection_closed_has_it_closed(caller: Caller, head: str) -> None:
    found = await raw(caller, head)
    assert found.startswith(b"HTTP/1.")
    assert b" 202 Accepted\r\n" in found
    assert found.endswith("\r\n\r\ngrüß dich\n".encode())


async def test_answers_to_several_requests_at_once_stand_apart(caller: Caller) -> None:
    one = "POST /greet HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n"
    found = await raw(caller, f"{one}\r\n{one}Connection: close\r\n\r\n")
    assert found.count(b"HTTP/1.1 202 Accepted\r\n") == found.count("grüß dich\n".encode()) == 2
