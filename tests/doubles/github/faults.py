"""Faults on demand: 5xx, limits, silence, cut connections and slow answers, for the requests that a test names.

``POST /_double/faults`` takes the fields of :class:`Fault`, ``GET`` lists and ``DELETE`` ends them.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import asdict, dataclass, fields
from typing import Literal

from aiohttp import web

from tests.doubles.github.limits import secondary
from tests.doubles.github.routing import GITHUB, web_page
from tests.doubles.github.wrong import Wrong

TOO_MANY = 429
Kind = Literal["status", "secondary", "primary", "reset", "timeout", "slow", "lost"]


@dataclass
class Fault:
    """One fault: what goes wrong, for which requests, how often (``None``: until taken back).

    ``status`` answers with that status; ``secondary`` and ``primary`` are the answers of the rate limits (403, or 429 if that
    is the ``status``), the latter with a reset in ``seconds``; ``reset`` cuts the connection; ``timeout`` never answers;
    ``slow`` answers after ``seconds``; ``lost`` does what was asked and then cuts the connection instead of answering.
    """

    kind: Kind
    path: str = ".*"
    method: str | None = None
    count: int | None = None
    skip: int = 0
    status: int = 502
    seconds: float = 0.0
    retry_after: int | None = None
    hits: int = 0

    def takes(self, method: str, path: str) -> bool:
        """Say whether this request is meant, and count it."""
        if self.count == 0 or self.method not in {None, method} or not re.search(self.path, path):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.count is not None:
            self.count -= 1
        self.hits += 1
        return True


class Faults:
    """The faults in force."""

    def __init__(self) -> None:
        self.all: list[Fault] = []

    def pick(self, request: web.Request) -> Fault | None:
        """Return the fault for this request."""
        return next((fault for fault in self.all if fault.takes(request.method, request.path)), None)


async def strike(fault: Fault | None, request: web.Request) -> None:
    """Let the fault happen before the request is answered."""
    if not fault:
        return
    if fault.kind in {"slow", "timeout"}:
        await asyncio.sleep(fault.seconds or 3600)
    if fault.kind in {"reset", "timeout"}:
        cut(request)
    if fault.kind == "secondary":
        raise secondary(fault.retry_after, _limited(fault))
    if fault.kind == "primary":
        reset = int(request.app[GITHUB].now().timestamp()) + int(fault.seconds)
        headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
        raise Wrong("API rate limit exceeded for installation.", status=_limited(fault), headers=headers)
    if fault.kind == "status":
        retry = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
        raise Wrong("Server Error", status=fault.status, headers=retry)


def _limited(fault: Fault) -> int:
    return fault.status if fault.status == TOO_MANY else 403


def cut(request: web.Request) -> None:
    """Cut the connection without an answer."""
    if request.transport:
        request.transport.abort()
    raise ConnectionResetError


@web_page("POST", "/_double/faults")
async def add(request: web.Request) -> web.StreamResponse:
    data = await request.json()
    known = {field.name for field in fields(Fault)}
    if not set(data) <= known:
        return web.json_response({"message": f"A fault has only: {', '.join(sorted(known))}."}, status=422)
    fault = Fault(**data)
    request.app[GITHUB].room(Faults).all.append(fault)
    return web.json_response(asdict(fault), status=201)


@web_page("GET", "/_double/faults")
async def listed(request: web.Request) -> web.StreamResponse:
    return web.json_response([asdict(fault) for fault in request.app[GITHUB].room(Faults).all])


@web_page("DELETE", "/_double/faults")
async def clear(request: web.Request) -> web.StreamResponse:
    request.app[GITHUB].room(Faults).all.clear()
    return web.Response(status=204)
