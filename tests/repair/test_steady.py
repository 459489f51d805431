from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Self

import pytest

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
from bot.repair.steady import MOST_STARTS, Steady

T = NodeId("t")


class Frail:
    """A server that dies of any variant whose text is ``bomb``; it answers in batches of two."""

    tests = (T,)
    baseline = SuiteRun((TestResult(T, TestOutcome.FAILED),), trusted=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        raise Retryable("gone already")

    def judge(
        self,
        variants: Iterable[Variant],
        tests: Sequence[NodeId] | None = None,
        *,
        stop_at_first_failure: bool = True,
        confirm_timeouts: bool = True,
    ) -> Iterator[VariantResult]:
        assert tests == (T,)
        assert stop_at_first_failure
        assert confirm_timeouts
        batch: list[Variant] = []
        for each in variants:
            batch.append(each)
            if len(batch) == 2:
                yield from self._batch(batch)
                batch = []
        yield from self._batch(batch)

    def _batch(self, batch: list[Variant]) -> Iterator[VariantResult]:
        if any(each.files["m.py"] == "bomb" for each in batch):
            raise Retryable("died")
        yield from (VariantResult(each.id, (TestResult(T, TestOutcome.PASSED),)) for each in batch)

    def observe(self, variants: Iterable[Variant], calls: Sequence[Call]) -> Iterator[tuple[str, tuple[Observation, ...]]]:
        for each in variants:
            if each.files["m.py"] == "bomb":
                raise Retryable("died")
            yield each.id, tuple(Observation(ObservedKind.RETURNED, "1") for _ in calls)


def _variants(*texts: str) -> list[Variant]:
    return [Variant(str(at), {"m.py": text}) for at, text in enumerate(texts)]


@pytest.fixture
def steady() -> Steady:
    start: Callable[[], Variants] = Frail
    return Steady(start)


def test_the_rest_is_judged_after_a_death(steady: Steady) -> None:
    found = list(steady.judge(_variants("a", "b", "c", "bomb", "d"), (T,)))
    assert [each.id for each in found] == ["0", "1", "2", "3", "4"]
    assert [each.passed_all for each in found] == [True, True, False, False, True]
    assert found[3].error


def test_the_rest_is_observed_after_a_death(steady: Steady) -> None:
    found = dict(steady.observe(_variants("a", "bomb", "b"), [Call("m", "f", "()")]))
    assert [found[name][0].kind for name in "012"] == [ObservedKind.RETURNED, ObservedKind.CRASHED, ObservedKind.RETURNED]


def test_too_many_deaths_are_told(steady: Steady) -> None:
    with pytest.raises(Retryable):
        list(steady.judge(_variants(*["bomb"] * 2 * MOST_STARTS), (T,)))


def test_it_passes_on_what_the_server_knows(steady: Steady) -> None:
    assert steady.tests == (T,)
    assert steady.baseline.trusted
    with pytest.raises(Retryable), steady:
        pass
