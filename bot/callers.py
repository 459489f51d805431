"""How callers of Pawl's HTTP doors are treated: answered in one sentence, and not read any further than they may send."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web


class Turned(Exception):
    """A call that a door turns away; the message is one sentence."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def said(status: HTTPStatus, sentence: str) -> web.Response:
    """Return an answer of one line."""
    return web.Response(status=status, text=f"{sentence}\n")


async def body(request: web.Request, most: int, otherwise: str) -> bytes:
    """Return what a call carries; raises :class:`Turned`, saying ``otherwise``, where that is more than ``most`` bytes."""
    large = Turned(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, otherwise)
    if (request.content_length or 0) > most:
        raise large
    found = bytearray()
    async for part in request.content.iter_any():
        found += part
        if len(found) > most:
            raise large
    return bytes(found)
