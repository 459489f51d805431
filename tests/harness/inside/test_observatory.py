"""How long a call may take, as the calls before it went."""

from __future__ import annotations

from typing import Any

import pytest

from bot.harness.inside.observatory import Observatory

LATE = {"kind": "timed out"}


def allowed(*found: dict[str, Any] | None, most: float = 0.5) -> float:
    return Observatory({"calls": [{}] * len(found), "call_seconds": most}, [])._seconds(list(found))


def test_calls_have_all_their_time_until_some_have_hung() -> None:
    assert allowed(None, None) == 0.5
    assert allowed(LATE, None) == 0.5


@pytest.mark.parametrize(("slowest", "seconds"), [(0.001, 0.15), (0.03, 0.3), (0.2, 0.5)])
def test_where_calls_hang_the_others_get_ten_times_what_one_has_needed(slowest: float, seconds: float) -> None:
    assert allowed(LATE, {"kind": "returned", "seconds": slowest}, LATE, None) == pytest.approx(seconds)


def test_a_limit_that_is_low_already_is_not_raised() -> None:
    assert allowed(LATE, LATE, None, most=0.1) == pytest.approx(0.1)
