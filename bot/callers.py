"""How callers of Pawl's HTTP doors are treated: answered in one sentence, and not read any further than they may send."""

from __future__ import annotations

import time
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from aiohttp import HttpVersion11, hdrs, web
from aiohttp.abc import AbstractStreamWriter


class Turned(Exception):
    """A call that a door turns away; the message is one sentence."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Said(web.StreamResponse):
    """An answer of one line of plain text.

    Most calls are deliveries, and most of them get the same answer, so it is put into bytes once a second instead of once a call
    (which took a quarter of the door's time). A caller who wants it otherwise, without a body or the connection closed, gets a
    common response.
    """

    def __init__(self, status: HTTPStatus, line: str) -> None:
        super().__init__(status=status)
        self._line = line
        self._writer: AbstractStreamWriter | None = None
        self._common: web.Response | None = None

    @property
    def keep_alive(self) -> bool | None:
        return True if self._common is None else self._common.keep_alive

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        if request.method == hdrs.METH_POST and request.version == HttpVersion11 and request.keep_alive:
            self._writer = request.writer
            return self._writer
        self._common = web.Response(status=self.status, text=self._line)
        return await self._common.prepare(request)

    async def write_eof(self, data: bytes = b"") -> None:
        if self._common is not None:
            await self._common.write_eof(data)
        elif self._writer is not None:
            await self._writer.write_eof(_spelled(self.status, self._line, int(time.time())))


def said(status: HTTPStatus, sentence: str) -> Said:
    """Return an answer of one line."""
    return Said(status, f"{sentence}\n")


async def body(request: web.BaseRequest, most: int, otherwise: str) -> bytes:
    """Return what a call carries; raises :class:`Turned`, saying ``otherwise``, where that is more than ``most`` bytes."""
    if (request.content_length or 0) > most:
        raise Turned(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, otherwise)
    parts, size = [], 0
    while not request.content.at_eof():
        parts.append(await request.content.readany())
        size += len(parts[-1])
        if size > most:
            raise Turned(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, otherwise)
    return b"".join(parts)


@lru_cache(maxsize=64)
def _spelled(status: int, line: str, second: int) -> bytes:
    """Return a whole answer as HTTP/1.1 has it, at that second since the epoch."""
    text = line.encode()
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(text)}",
        f"Date: {formatdate(second, usegmt=True)}",
    )
    return "\r\n".join((*head, "", "")).encode() + text
