"""A fork server that outlives its deaths: a candidate that brings the whole sandbox down costs itself, not the search."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Self

from bot.errors import Retryable
from bot.harness.harness import (
    Call,
    Observation,
    ObservedKind,
    SuiteRun,
    TestOutcome,
    TestResult,
    Variant,
    VariantResult,
    Variants,
)
from bot.ids import NodeId

MOST_STARTS = 4


class Steady:
    """Variants over servers that ``start`` makes, one after the other; raises Retryable where too many died."""

    def __init__(self, start: Callable[[], Variants]) -> None:
        self._start = start
        self._server = start()
        self._starts = 1
        self._baseline: SuiteRun | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__(None, None, None)

    @property
    def tests(self) -> tuple[NodeId, ...]:
        """What was collected."""
        return self._server.tests

    @property
    def baseline(self) -> SuiteRun:
        """The unchanged project, as the first server saw it."""
        if self._baseline is None:
            self._baseline = self._server.baseline
        return self._baseline

    def _again(self, death: Retryable) -> None:
        if self._starts >= MOST_STARTS:
            raise death
        with suppress(Retryable):
            self._server.__exit__(None, None, None)
        self._starts += 1
        self._server = self._start()

    def judge(
        self,
        variants: Iterable[Variant],
        tests: Sequence[NodeId] | None = None,
        *,
        stop_at_first_failure: bool = True,
        confirm_timeouts: bool = True,
    ) -> Iterator[VariantResult]:
        """Judge as a server does; what was under way when one died counts as crashed."""
        waiting: deque[Variant] = deque()

        def drawn() -> Iterator[Variant]:
            for each in source:
                waiting.append(each)
                yield each

        source = iter(variants)
        while True:
            try:
                for result in self._server.judge(
                    drawn(), tests, stop_at_first_failure=stop_at_first_failure, confirm_timeouts=confirm_timeouts
                ):
                    waiting.popleft()
                    yield result
            except Retryable as death:
                first = (tests or self.tests)[:1]
                crashed = tuple(TestResult(name, TestOutcome.CRASHED) for name in first)
                while waiting:
                    yield VariantResult(waiting.popleft().id, crashed, "the sandbox died under it")
                self._again(death)
            else:
                return

    def observe(self, variants: Iterable[Variant], calls: Sequence[Call]) -> Iterator[tuple[str, tuple[Observation, ...]]]:
        """Observe as a server does; a variant under which one died has crashed on every call."""
        waiting = deque(variants)
        while waiting:
            try:
                for found in self._server.observe(tuple(waiting), calls):
                    waiting.popleft()
                    yield found
            except Retryable as death:
                yield waiting.popleft().id, tuple(Observation(ObservedKind.CRASHED) for _ in calls)
                self._again(death)
