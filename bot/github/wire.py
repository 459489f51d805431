"""One request to GitHub, sent with patience: limits waited for, broken answers repeated, the token kept where it belongs.

gidgethub forms requests and reads answers; this is the transport under it. What may be repeated without doing it twice is
repeated; every other broken request becomes Retryable, and whoever made it looks before making it again.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin, urlsplit

import aiohttp
import gidgethub.aiohttp
import stamina
from cachetools import LRUCache
from yarl import URL

from bot import logs
from bot.errors import Fatal, Retryable
from bot.github.errors import LimitReached
from bot.github.limits import Call, Limits, call, pause_asked

VERSION: Final = "2022-11-28"
"""The version of the REST API that every request names."""

AGENT: Final = "pawl"
MOST_KEPT: Final = 64 * 2**20
"""Bytes of answers that are kept for conditional requests."""
MOST_OF_ONE: Final = 2**20
_REDIRECTS = frozenset({301, 302, 307, 308})
_MOST_HOPS = 3
_OK, _UNAUTHORIZED, _NOT_MODIFIED, _BROKEN = 200, 401, 304, 500
_numbers = itertools.count()

_log = logs.get(__name__)

Answer = tuple[int, Mapping[str, str], bytes]
Authorize = Callable[[bool], Awaitable[str | None]]
"""Gives the Authorization header; True asks for a fresh credential because GitHub did not know the last."""


@dataclass(frozen=True)
class Patience:
    """How long a request may take and wait; the clocks are here so that they can be others."""

    answer: float = 30.0
    """Seconds for one answer."""
    waiting: float = 120.0
    """Seconds that one request may wait for limits in all."""
    repetitions: int = 4
    first_pause: float = 0.5
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time


class Broken(Exception):
    """The request got no usable answer; ``sent`` says whether GitHub may have seen it."""

    def __init__(self, why: str, *, sent: bool) -> None:
        super().__init__(why)
        self.sent = sent


@dataclass(frozen=True)
class Kept:
    """An answer that GitHub may say is still true."""

    etag: str
    headers: Mapping[str, str]
    body: bytes


KeptAnswers = LRUCache[tuple[int, str], Kept]
"""By whose answer it is and the URL."""


def kept_answers() -> KeptAnswers:
    """Return an empty store of answers, bounded by what they take."""
    return LRUCache(MOST_KEPT, getsizeof=lambda each: len(each.body) + 1024)


@dataclass
class Line:
    """The way to one API, shared by the clients of one installation."""

    session: aiohttp.ClientSession
    api_url: str
    limits: Limits = field(default_factory=Limits)
    patience: Patience = field(default_factory=Patience)
    kept: KeptAnswers = field(default_factory=kept_answers)
    at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(20))

    def owns(self, url: str) -> bool:
        """Return whether a URL leads to this API, so that a token may go there."""
        there, here = urlsplit(url), urlsplit(self.api_url)
        return (there.scheme, there.netloc) == (here.scheme, here.netloc)


class Wire(gidgethub.aiohttp.GitHubAPI):
    """gidgethub over a :class:`Line`, with one way to authorise."""

    def __init__(self, line: Line, authorize: Authorize) -> None:
        super().__init__(line.session, AGENT, base_url=line.api_url)
        self._line = line
        self._authorize = authorize
        self._number = next(_numbers)

    async def _request(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Send one request and return its answer, whatever waiting and repeating that takes."""
        if not self._line.owns(url):
            raise Fatal(
                f"a request would have taken the App's token to {urlsplit(url).netloc}: GITHUB_API_URL names another host"
            )
        asked = call(method, urlsplit(url).path, _document(url, body))
        answer = await self._authorised(asked, method, url, headers, body, fresh=False)
        if answer[0] == _UNAUTHORIZED:
            answer = await self._authorised(asked, method, url, headers, body, fresh=True)
        return answer

    async def _authorised(  # noqa: PLR0913 - a request and how to send it
        self, asked: Call, method: str, url: str, headers: Mapping[str, str], body: bytes, *, fresh: bool
    ) -> Answer:
        sent = {key: value for key, value in headers.items() if key.lower() != "authorization"}
        sent["X-GitHub-Api-Version"] = VERSION
        credential = await self._authorize(fresh)
        if credential is not None:
            sent["Authorization"] = credential
        kept = self._line.kept.get((self._number, url)) if method == "GET" else None
        if kept is not None:
            sent["If-None-Match"] = kept.etag
        status, told, content = await self._allowed(asked, method, url, sent, body)
        if status == _NOT_MODIFIED and kept is not None:
            return _OK, kept.headers, kept.body
        if method == "GET" and status == _OK and told.get("ETag") and len(content) <= MOST_OF_ONE:
            self._line.kept[self._number, url] = Kept(told["ETag"], told, content)
        return status, told, content

    async def _allowed(self, asked: Call, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send the request when the limits let it go, again after a pause where GitHub asks for one."""
        line, patience = self._line, self._line.patience
        waited, attempt = 0.0, 0
        while True:
            waited = await self._turn(asked, waited)
            try:
                async with line.at_once:
                    status, told, content = await self._repeated(asked, method, url, headers, body)
                line.limits.heard(told, patience.clock(), patience.wall())
            finally:
                line.limits.ended(asked)
            pause = pause_asked(status, told, content[:2000].decode(errors="replace"), attempt, patience.wall())
            if pause is None:
                return status, told, content
            attempt += 1
            line.limits.close(pause, patience.clock())

    async def _turn(self, asked: Call, waited: float) -> float:
        """Wait until the limits let the request go and book it; return how long the request has waited in all."""
        limits, patience = self._line.limits, self._line.patience
        while (seconds := limits.wait(asked, patience.clock())) > 0:
            if waited + seconds > patience.waiting:
                raise LimitReached(f"GitHub's limits leave no room for {seconds:.0f} s: it goes on by itself after that", seconds)
            _log.info("waiting for GitHub's limits", seconds=round(seconds, 1), resource=asked.resource)
            longer = seconds * (1 + random.random() / 10)  # noqa: S311 - spreads those who wait, hides nothing
            await patience.sleep(longer)
            waited += longer
        limits.spend(asked, patience.clock())
        return waited

    async def _repeated(self, asked: Call, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send the request, again where the answer was broken and that cannot do anything twice."""
        patience = self._line.patience
        retrying = stamina.AsyncRetryingCaller(
            attempts=patience.repetitions,
            timeout=None,
            wait_initial=patience.first_pause,
            wait_max=10.0,
            wait_jitter=patience.first_pause,
        )

        def worth_it(error: Exception) -> bool:
            return isinstance(error, Broken) and (asked.repeatable or not error.sent)

        try:
            return await retrying(worth_it, self._hop, method, url, headers, body)
        except Broken as error:
            raise Retryable(f"GitHub did not answer {method} {urlsplit(url).path}: {error}") from None

    async def _hop(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send the request as it is to where it leads: GitHub redirects requests for what was renamed."""
        for _ in range(_MOST_HOPS):
            status, told, content = await self._once(method, url, headers, body)
            if status not in _REDIRECTS:
                return status, told, content
            target = urljoin(url, told.get("Location", ""))
            if not self._line.owns(target):
                return status, told, content
            url = target
        return status, told, content

    async def _once(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        limit = aiohttp.ClientTimeout(total=self._line.patience.answer)
        try:
            async with self._line.session.request(
                method, URL(url, encoded=True), headers=headers, data=body or None, timeout=limit, allow_redirects=False
            ) as response:
                content = await response.read()
        except aiohttp.ClientConnectorError as error:
            raise Broken(type(error).__name__, sent=False) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Broken(type(error).__name__, sent=True) from None
        if response.status >= _BROKEN:
            raise Broken(f"HTTP {response.status}", sent=True)
        return response.status, response.headers, content


def _document(url: str, body: bytes) -> str:
    """Return the GraphQL document of a request; empty for any other."""
    return str(json.loads(body).get("query", "")) if url.endswith("/graphql") and body else ""
