"""Two servers side by side answer as one does, in the order asked, and draw no more than they need."""

from __future__ import annotations

import itertools
import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Barrier
from typing import ClassVar, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Retryable
from bot.harness.harness import Call, Observation, ObservedKind, SuiteRun, TestOutcome, TestResult, Variant, VariantResult
from bot.ids import NodeId
from bot.repair.relay import AHEAD, ALONE, CHUNK, Relay

T = NodeId("t")


@dataclass
class Server:
    """Judges by the variant's name, and remembers which it was given."""

    ended: bool = False
    lost: bool = False
    given: list[str] = field(default_factory=list)
    meeting: ClassVar[Barrier | None] = None
    tests = (T,)
    baseline = SuiteRun((TestResult(T, TestOutcome.FAILED),), trusted=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.ended = True
        if self.lost:
            raise Retryable("gone already")

    def judge(
        self,
        variants: Iterable[Variant],
        tests: Sequence[NodeId] | None = None,
        *,
        stop_at_first_failure: bool = True,
        confirm_timeouts: bool = True,
    ) -> Iterator[VariantResult]:
        assert (tests, stop_at_first_failure, confirm_timeouts) == ((T,), False, False)
        if self.meeting is not None and isinstance(variants, list):
            self.meeting.wait(30)
        for each in variants:
            self.given.append(each.id)
            yield VariantResult(each.id, (TestResult(T, TestOutcome.PASSED),))

    def observe(self, variants: Iterable[Variant], calls: Sequence[Call]) -> Iterator[tuple[str, tuple[Observation, ...]]]:
        for each in variants:
            yield each.id, tuple(Observation(ObservedKind.RETURNED, "1") for _ in calls)


def _relay(monkeypatch: pytest.MonkeyPatch, cores: int = 2) -> tuple[Relay, list[Server]]:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(cores)))
    servers: list[Server] = []

    def start() -> Server:
        servers.append(Server())
        return servers[-1]

    return Relay(start), servers


def _judged(server: Relay, variants: Iterable[Variant]) -> Generator[str]:
    return (each.id for each in server.judge(variants, (T,), stop_at_first_failure=False, confirm_timeouts=False))


def _endless() -> Iterator[Variant]:
    return (Variant(str(at), {}) for at in itertools.count())


@given(number=st.integers(0, ALONE + 6 * CHUNK), cores=st.sampled_from([1, 2]))
def test_everything_is_judged_once_in_order(number: int, cores: int) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        both, servers = _relay(monkeypatch, cores)
        with both:
            assert list(_judged(both, itertools.islice(_endless(), number))) == [str(at) for at in range(number)]
        assert sorted(int(each) for server in servers for each in server.given) == list(range(number))
        assert len(servers) == (2 if number > ALONE and cores > 1 else 1)
        assert all(each.ended for each in servers)


def test_both_work_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "meeting", Barrier(2))  # which breaks, and fails the test, where one waits for the other
    both, servers = _relay(monkeypatch)
    assert len(list(_judged(both, itertools.islice(_endless(), ALONE + 2 * CHUNK)))) == ALONE + 2 * CHUNK
    assert [len(each.given) for each in servers] == [ALONE + CHUNK, CHUNK]


def test_little_is_drawn_ahead_of_who_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    both, servers = _relay(monkeypatch)
    found = _judged(both, _endless())
    assert len(list(itertools.islice(found, ALONE + CHUNK))) == ALONE + CHUNK
    found.close()
    assert sum(len(each.given) for each in servers) <= ALONE + AHEAD * CHUNK
    assert len(list(itertools.islice(_judged(both, _endless()), ALONE + 1))) == ALONE + 1


def test_what_one_knows_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    both, _ = _relay(monkeypatch)
    assert both.tests == (T,)
    assert both.baseline.trusted
    assert [name for name, _ in both.observe([Variant("a", {})], [Call("m", "f", "()")])] == ["a"]


def test_both_are_ended_even_where_one_is_gone_already(monkeypatch: pytest.MonkeyPatch) -> None:
    both, servers = _relay(monkeypatch)
    assert len(list(_judged(both, itertools.islice(_endless(), ALONE + CHUNK)))) == ALONE + CHUNK
    monkeypatch.setattr(servers[1], "lost", True)
    with pytest.raises(Retryable), both:
        pass
    assert [each.ended for each in servers] == [True, True]
