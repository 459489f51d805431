"""Two fork servers side by side: where many variants wait, both cores judge them."""

from __future__ import annotations

import itertools
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue
from typing import Final, Self

from bot.harness.harness import Call, Observation, SuiteRun, TestOutcome, Variant, VariantResult, Variants
from bot.ids import NodeId
from bot.repair.steady import Steady

ALONE: Final = 16
"""Variants that the first server judges by itself: for fewer a second one would not pay."""
CHUNK: Final = 64
"""Variants that a server takes at a time."""
SLOW_CHUNK: Final = 8
"""The same where more than one in eight hangs: who asks may have enough of them soon."""
AHEAD: Final = 3
"""Chunks drawn before the first of them is judged: a server whose chunk was quick does not wait for one whose variants hang. How
much is drawn is the same on every machine, so that the outcome hangs on nothing else."""


class Relay:
    """Variants over two servers that ``start`` makes, the second one when it pays; raises Retryable where too many died."""

    def __init__(self, start: Callable[[], Variants]) -> None:
        self._start = start
        self._first = Steady(start)
        self._second: Steady | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with ExitStack() as ending:  # so that one that is gone already does not keep the other from being ended
            for each in (self._first, self._second):
                if each is not None:
                    ending.push(each)

    @property
    def tests(self) -> tuple[NodeId, ...]:
        """What was collected."""
        return self._first.tests

    @property
    def baseline(self) -> SuiteRun:
        """The unchanged project, as the first server saw it."""
        return self._first.baseline

    def observe(self, variants: Iterable[Variant], calls: Sequence[Call]) -> Iterator[tuple[str, tuple[Observation, ...]]]:
        """Observe as a server does."""
        return self._first.observe(variants, calls)

    def judge(
        self,
        variants: Iterable[Variant],
        tests: Sequence[NodeId] | None = None,
        *,
        stop_at_first_failure: bool = True,
        confirm_timeouts: bool = True,
    ) -> Iterator[VariantResult]:
        """Judge as a server does; once it pays, ``AHEAD`` chunks are drawn ahead at most."""
        source = iter(variants)
        rules = {"stop_at_first_failure": stop_at_first_failure, "confirm_timeouts": confirm_timeouts}
        seen: list[VariantResult] = []
        for result in self._first.judge(itertools.islice(source, ALONE), tests, **rules):
            seen.append(result)
            yield result
        free: SimpleQueue[Steady] = SimpleQueue()

        def judged(chunk: list[Variant]) -> list[VariantResult]:
            server = free.get()
            try:
                return list(server.judge(chunk, tests, **rules))
            finally:
                free.put(server)

        ahead = list(_chunks(source, _size(seen), AHEAD))
        if not ahead:
            return
        for server in self._servers():
            free.put(server)
        with ThreadPoolExecutor(free.qsize(), "relay") as threads:
            waiting = deque(threads.submit(judged, each) for each in ahead)
            try:
                while waiting:
                    seen = waiting.popleft().result()
                    yield from seen
                    waiting.extend(threads.submit(judged, each) for each in _chunks(source, _size(seen), 1))
            finally:
                threads.shutdown(wait=False, cancel_futures=True)  # who stops waits for what is being judged, not for the rest

    def _servers(self) -> tuple[Steady, ...]:
        if len(os.sched_getaffinity(0)) == 1:
            return (self._first,)
        if self._second is None:
            self._second = Steady(self._start)
        return self._first, self._second


def _size(seen: list[VariantResult]) -> int:
    late = sum(any(each.outcome is TestOutcome.TIMED_OUT for each in result.results) for result in seen)
    return SLOW_CHUNK if late * 8 > len(seen) else CHUNK


def _chunks(source: Iterator[Variant], size: int, most: int) -> Iterator[list[Variant]]:
    for _ in range(most):
        if chunk := list(itertools.islice(source, size)):
            yield chunk
