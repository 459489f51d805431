"""The measured risk: what gates say of the tests counts as if it had been known from the start, and nonsense counts nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.change.change import Change
from bot.change.diff import compare
from bot.change.risk import Facts, assess
from bot.gate import passed
from bot.ids import Sha
from bot.policy.measured import as_measured

CHANGE = Change(Sha("0" * 40), Sha("1" * 40), (compare("a.py", "one = 1\n", "one = 2\n"),), "")
SHARES = st.none() | st.floats(0, 1)


@given(SHARES, SHARES, st.integers(0, 40))
def test_it_is_as_if_it_had_been_known(coverage: float | None, kill_rate: float | None, fan_in: int) -> None:
    results = (passed("coverage", "", changed_lines=coverage), passed("mutation", "", kill_rate=kill_rate))
    known = assess(CHANGE, Facts(fan_in=fan_in, coverage=coverage, kill_rate=kill_rate))
    assert as_measured(assess(CHANGE, Facts(fan_in=fan_in)), results) == known
    assert as_measured(known, results) == known


@pytest.mark.parametrize("told", ["0.1", True, -1, 7, float("nan"), [0.1], None])
def test_what_is_no_share_counts_nothing(told: Any) -> None:
    results = (passed("coverage", "", changed_lines=told), passed("mutation", "", kill_rate=told))
    assert as_measured(assess(CHANGE), results) == assess(CHANGE)


def test_gates_that_were_not_asked_count_nothing() -> None:
    assert as_measured(assess(CHANGE), ()) == assess(CHANGE)
