"""Rate limits: the primary counter of each caller with its headers, and the secondary limits where a test sets them."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field

from tests.doubles.github.routing import Caller
from tests.doubles.github.state import GitHub
from tests.doubles.github.wrong import Wrong

HOUR = 3600
MINUTE = 60
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
    "For more on scraping GitHub and how it may affect your rights, please review our Terms of Service."
)
WRITES = {"POST", "PATCH", "PUT", "DELETE"}


@dataclass
class Counter:
    """What one caller has used of one resource, and when its count starts anew (epoch seconds)."""

    used: int = 0
    reset: int = 0
    creations: deque[float] = field(default_factory=deque)
    points: deque[tuple[float, int]] = field(default_factory=deque)


class Limits:
    """The counters, and the limits in force; ``None`` for those that are enforced only on demand."""

    def __init__(self) -> None:
        self.primary = 5000
        self.creations_a_minute: int | None = None
        self.points_a_minute: int | None = None
        self.retry_after: int | None = MINUTE
        self.counters: dict[tuple[str, str], Counter] = {}

    def counter(self, github: GitHub, caller: Caller, resource: str) -> Counter:
        """Return the caller's counter, begun anew if its hour is over."""
        counter = self.counters.setdefault((who(caller), resource), Counter())
        now = int(github.now().timestamp())
        if counter.reset <= now:
            counter.used, counter.reset = 0, now + HOUR
        return counter

    def headers(self, github: GitHub, caller: Caller, resource: str = "core") -> dict[str, str]:
        """Return the ``X-RateLimit`` headers."""
        counter = self.counter(github, caller, resource)
        return {
            "X-RateLimit-Limit": str(self.primary),
            "X-RateLimit-Remaining": str(max(self.primary - counter.used, 0)),
            "X-RateLimit-Used": str(counter.used),
            "X-RateLimit-Reset": str(counter.reset),
            "X-RateLimit-Resource": resource,
        }

    def spend(self, github: GitHub, caller: Caller, method: str, resource: str = "core") -> None:
        """Count a request; raises the 403 of GitHub when a limit is passed.

        The double's own administrator, who looks on for the tests, is exempt, as an Enterprise Server's operator can set.
        """
        counter = self.counter(github, caller, resource)
        if counter.used >= self.primary and caller.account is not github.root:
            raise Wrong(f"API rate limit exceeded for {who(caller)}.", status=403)
        counter.used += 1
        self._secondary(counter, method, time.time() + github.shift.total_seconds())

    def refund(self, github: GitHub, caller: Caller, resource: str = "core") -> None:
        """Take a request back: a 304 costs nothing."""
        self.counter(github, caller, resource).used -= 1

    def _secondary(self, counter: Counter, method: str, now: float) -> None:
        while counter.points and counter.points[0][0] < now - MINUTE:
            counter.points.popleft()
        while counter.creations and counter.creations[0] < now - MINUTE:
            counter.creations.popleft()
        counter.points.append((now, 5 if method in WRITES else 1))
        if method == "POST":
            counter.creations.append(now)
        too_many = self.creations_a_minute is not None and len(counter.creations) > self.creations_a_minute
        too_fast = self.points_a_minute is not None and sum(cost for _, cost in counter.points) > self.points_a_minute
        if too_many or too_fast:
            raise secondary(self.retry_after)


def secondary(retry_after: int | None, status: int = 403) -> Wrong:
    """Return the answer to somebody who asks too much too fast."""
    return Wrong(SECONDARY, status=status, headers={"Retry-After": str(retry_after)} if retry_after is not None else {})


def who(caller: Caller) -> str:
    """Return the name of a caller in messages and counters."""
    if caller.app:
        return f"app ID {caller.app.id}"
    if caller.installation:
        return f"installation ID {caller.installation.id}"
    return f"user ID {caller.account.id}" if caller.account else "127.0.0.1"
