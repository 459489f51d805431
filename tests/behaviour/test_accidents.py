"""Endings that nobody means are told from those raised on purpose."""

from __future__ import annotations

from typing import Any

import pytest

from bot.behaviour.accidents import accident
from bot.behaviour.rows import Row, rows
from bot.harness.harness import Call, Observation, ObservedKind

FINE = Observation(ObservedKind.RETURNED, "1", "int")


def row(arguments: tuple[Any, ...], error: str = "") -> Row:
    seen = Observation(ObservedKind.RAISED, f"{error}: x", error) if error else FINE
    return rows((Call("m", "f", repr(arguments)),), (seen,))[0]


@pytest.mark.parametrize(
    ("seen", "arguments", "error", "sure"),
    [
        (("ab",), ("",), "UnboundLocalError", True),
        (("ab",), ("",), "IndexError", True),
        ((5,), (0,), "IndexError", True),
        ((5,), (7,), "IndexError", None),
        ((5,), (-5,), "AttributeError", None),
        ((-5,), (-6,), "AttributeError", True),
        ((5,), (6,), "TypeError", True),
        (([1],), ([2],), "TypeError", None),
        ((5, 6), (7, 8), "TypeError", None),
        ((5,), (0,), "ZeroDivisionError", None),
        ((5,), ("a",), "IndexError", None),
    ],
)
def test_endings_nobody_means(seen: tuple[Any, ...], arguments: tuple[Any, ...], error: str, sure: bool | None) -> None:
    found = accident(row(arguments, error), [row(seen)], None)
    assert (found.sure if found else None) is sure


def test_where_the_old_code_had_an_answer_any_error_is_odd() -> None:
    found = accident(row((0,), "ZeroDivisionError"), [row((5,))], FINE)
    assert found is not None
    assert found.rule == "new-crash"
    assert not found.sure


def test_an_answer_is_no_accident() -> None:
    assert accident(row((0,)), [], None) is None
