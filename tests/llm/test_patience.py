"""Patience: which failures are borne, for how long, and what they may have cost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.llm.patience import OverLong, Patience, billed, pause, speaks_against
from bot.llm.provider import Failure, FailureKind

PATIENCE = Patience(tries=3, first_pause=1.0, longest_pause=20.0, longest_wait=30.0)
ASKED_WRONGLY = {FailureKind.DENIED, FailureKind.REJECTED, FailureKind.TOO_LONG}


@pytest.mark.parametrize("kind", FailureKind)
def test_what_is_asked_wrongly_is_not_asked_again(kind: FailureKind) -> None:
    failure = Failure(kind, "said")
    assert (pause(failure, 1, PATIENCE, lambda: 0.5) is None) == (kind in ASKED_WRONGLY)
    assert speaks_against(failure) is (None if kind in ASKED_WRONGLY else False)
    assert pause(failure, 3, PATIENCE, lambda: 0.5) is None


def test_what_was_learned_is_tried_at_once() -> None:
    assert pause(Failure(FailureKind.REJECTED, "said", learned=True), 9, PATIENCE, lambda: 0.5) == 0.0


def test_who_talks_without_end_is_not_asked_again_and_not_ill() -> None:
    assert pause(OverLong(10), 1, PATIENCE, lambda: 0.5) is None
    assert speaks_against(OverLong(10)) is None
    assert billed(OverLong(10), 100, 8, 35) == (100, 10)


@pytest.mark.parametrize(
    ("after", "rest"),
    [(None, 1.0), (0.0, 1.0), (5.0, 5.0), (30.0, 30.0), (30.1, None), (float("inf"), None), (float("nan"), None)],
)
def test_a_vendors_wish_is_honoured_up_to_a_cap(after: float | None, rest: float | None) -> None:
    assert pause(Failure(FailureKind.LIMITED, "said", after), 1, PATIENCE, lambda: 1.0) == rest


@given(st.floats(0, 1), st.integers(1, 50), st.sampled_from(sorted(set(FailureKind) - ASKED_WRONGLY)))
def test_pauses_are_full_jitter_under_a_doubling_bound(chance: float, tried: int, kind: FailureKind) -> None:
    rest = pause(Failure(kind, "said"), tried, Patience(tries=100), lambda: chance)
    assert rest == chance * min(20.0, 2.0 ** (tried - 1))


@pytest.mark.parametrize("kind", FailureKind)
def test_what_may_be_charged_for(kind: FailureKind) -> None:
    working = kind in {FailureKind.TIMEOUT, FailureKind.CUT, FailureKind.MALFORMED}
    assert billed(Failure(kind, "said"), 100, 50, 0) == ((100, 50) if working else (0, 0))
    assert billed(Failure(kind, "said"), 100, 50, 7) == (100, 50 if working else 2)
