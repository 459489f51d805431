"""How long to wait before the next request: GitHub's published limits as arithmetic on times and headers, without any I/O.

One :class:`Limits` stands for one installation, whatever tokens speak for it. Before a request :meth:`Limits.wait` says how many
seconds are to pass; :meth:`Limits.spend` books it; :meth:`Limits.heard` takes in what GitHub answered, :meth:`Limits.ended` that
no answer is waited for any more. What is left of an hour GitHub alone counts: an answer that nothing has changed costs nothing of
it. Times are seconds of any clock that never goes back.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

MINUTE, HOUR = 60.0, 3600.0
POINTS_A_MINUTE: Final = 900
QUERY_POINTS_A_MINUTE: Final = 2000
CONTENT_A_MINUTE: Final = 80
CONTENT_AN_HOUR: Final = 500
FIRST_PAUSE: Final = 60.0
"""Seconds to keep still after the first refusal that does not say how long."""
LONGEST_PAUSE: Final = 960.0
UNDER_WAY: Final = 1.0
"""Seconds to wait where requests that are under way may use up what is left: their answers tell."""

_CONTENT = re.compile(r"/(?:issues|comments|pulls|reviews|replies|releases)$")
_REPEATABLE_POST = re.compile(r"/(?:git/(?:blobs|trees)|access_tokens|reactions|labels)$")
_APPENDS = re.compile(r"/check-runs/\d+$")
_LIMIT_WORDS = re.compile(r"rate limit|abuse detection", re.IGNORECASE)


@dataclass(frozen=True)
class Call:
    """What one request costs, and whether sending it twice does the same as sending it once."""

    resource: str
    """GitHub's name of the hourly allowance it draws on: ``core``, ``graphql`` or ``search``."""
    points: int
    content: bool
    repeatable: bool


def call(method: str, path: str, query: str = "") -> Call:
    """Return what a request costs; ``query`` is the document of a GraphQL request."""
    if path.endswith("/graphql"):
        changes = query.lstrip().startswith("mutation")
        return Call("graphql", 5 if changes else 1, content=changes, repeatable=not changes)
    resource = "search" if re.search(r"(?:^|/v3)/search/", path) else "core"
    if method in {"GET", "HEAD", "OPTIONS"}:
        return Call(resource, 1, content=False, repeatable=True)
    repeatable = {"POST": _REPEATABLE_POST.search(path) is not None, "PATCH": _APPENDS.search(path) is None}.get(method, True)
    return Call(resource, 5, content=method == "POST" and _CONTENT.search(path) is not None, repeatable=repeatable)


@dataclass
class Window:
    """At most ``most`` units in any ``seconds`` that follow one another."""

    most: int
    seconds: float
    _spent: deque[tuple[float, int]] = field(default_factory=deque)

    def free_at(self, units: int, now: float) -> float:
        """Return the earliest time from ``now`` on at which ``units`` more fit in."""
        self._forget(now)
        over = sum(each for _, each in self._spent) + units - self.most
        for at, each in self._spent:
            if over <= 0:
                break
            over -= each
            now = at + self.seconds
        return now

    def spend(self, units: int, now: float) -> None:
        """Book ``units`` at ``now``."""
        self._forget(now)
        self._spent.append((now, units))

    def _forget(self, now: float) -> None:
        while self._spent and self._spent[0][0] + self.seconds <= now:
            self._spent.popleft()


@dataclass(frozen=True)
class _Allowance:
    remaining: int
    """The least that an answer told."""
    resets: float


@dataclass
class Limits:
    """What is known of an installation's allowances."""

    _points: Window = field(default_factory=lambda: Window(POINTS_A_MINUTE, MINUTE))
    _query_points: Window = field(default_factory=lambda: Window(QUERY_POINTS_A_MINUTE, MINUTE))
    _content: tuple[Window, ...] = field(
        default_factory=lambda: (Window(CONTENT_A_MINUTE, MINUTE), Window(CONTENT_AN_HOUR, HOUR))
    )
    _allowances: dict[str, _Allowance] = field(default_factory=dict)
    _under_way: Counter[str] = field(default_factory=Counter)
    _closed_until: float = float("-inf")

    def wait(self, asked: Call, now: float) -> float:
        """Return how many seconds the request has to wait; 0 where it may go now."""
        times = [now, self._closed_until]
        allowance = self._allowances.get(asked.resource)
        if allowance is not None and allowance.remaining <= self._under_way[asked.resource]:
            times.append(allowance.resets if allowance.remaining <= 0 else min(allowance.resets, now + UNDER_WAY))
        times += [window.free_at(units, now) for window, units in self._windows(asked)]
        return max(times) - now

    def spend(self, asked: Call, now: float) -> None:
        """Book a request that is sent now; :meth:`ended` has to follow."""
        for window, units in self._windows(asked):
            window.spend(units, now)
        self._under_way[asked.resource] += 1

    def ended(self, asked: Call) -> None:
        """Take in that a request that was booked is answered, or will never be."""
        self._under_way[asked.resource] -= 1

    def heard(self, headers: Mapping[str, str], now: float, wall: float) -> None:
        """Take in an answer's headers; ``wall`` is this machine's time of day, used where GitHub does not tell its own."""
        told = _allowance(headers, now, wall)
        if told is None:
            return
        resource, fresh = told
        known = self._allowances.get(resource)
        if known is not None and abs(known.resets - fresh.resets) < MINUTE and known.remaining < fresh.remaining:
            fresh = known  # answers overtake each other
        self._allowances[resource] = fresh

    def close(self, seconds: float, now: float) -> None:
        """Let nothing through for so many seconds: GitHub has said that it is too much."""
        self._closed_until = max(self._closed_until, now + seconds)

    def _windows(self, asked: Call) -> Iterable[tuple[Window, int]]:
        yield (self._query_points if asked.resource == "graphql" else self._points), asked.points
        if asked.content:
            yield from ((window, 1) for window in self._content)


def pause_asked(status: int, headers: Mapping[str, str], said: str, attempt: int, wall: float) -> float | None:
    """Return how long GitHub wants a pause of after this answer; None where the answer is about something else.

    ``attempt`` counts from 0: a limit that does not say how long to wait doubles the pause each time.
    """
    if status not in {403, 429}:
        return None
    after = headers.get("Retry-After", "").strip()
    if after.isdigit():
        return max(1.0, float(after))
    if after:
        moment = _http_date(after)
        return None if moment is None else max(1.0, moment - (_http_date(headers.get("Date", "")) or wall))
    told = _allowance(headers, 0.0, wall)
    if told is not None and told[1].remaining <= 0:
        return max(1.0, told[1].resets)
    if status == 429 or _LIMIT_WORDS.search(said):  # noqa: PLR2004 - HTTP's own number
        return min(FIRST_PAUSE * 2.0**attempt, LONGEST_PAUSE)
    return None


def _allowance(headers: Mapping[str, str], now: float, wall: float) -> tuple[str, _Allowance] | None:
    """Return the resource an answer drew on and what is left of it; its reset is told in GitHub's own time of day."""
    try:
        remaining = int(headers["X-RateLimit-Remaining"])
        resets = float(headers["X-RateLimit-Reset"])
    except (KeyError, ValueError):
        return None
    there = _http_date(headers.get("Date", "")) or wall
    in_seconds = min(max(0.0, resets - there) + 1.0, HOUR + 1.0)
    return headers.get("X-RateLimit-Resource", "core"), _Allowance(remaining, now + in_seconds)


def _http_date(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
