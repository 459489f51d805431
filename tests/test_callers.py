"""Callers are answered in one sentence, and what is too much is not read to its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.callers import Turned, body, said

MOST = 10
Caller = TestClient[web.Request, web.Application]


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async def answer(request: web.Request) -> web.Response:
        try:
            return said(HTTPStatus.OK, str(len(await body(request, MOST, "send less"))))
        except Turned as error:
            return said(error.status, str(error))

    app = web.Application()
    app.router.add_post("/", answer)
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
