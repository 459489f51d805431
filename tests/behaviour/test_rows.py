"""Calls and values are read back from their text, or said to be nothing."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.behaviour.rows import NOTHING, Row, changed_argument, read, rows
from bot.harness.harness import Call, Observation, ObservedKind


def row(arguments: tuple[Any, ...], value: Any) -> Row:
    call = Call("m", "f", repr(arguments))
    return rows((call,), (Observation(ObservedKind.RETURNED, repr(value), type(value).__name__),))[0]


def test_keyword_arguments_come_last() -> None:
    found = rows((Call("m", "f", "(2, 3)", "{'k': 1}"),), (Observation(ObservedKind.RETURNED, "[4]", "list"),))[0]
    assert found.arguments == (2, 3, 1)
    assert found.returned
    assert found.value == [4]


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.tuples(inner, inner))
)
def test_every_plain_value_reads_back(value: Any) -> None:
    assert read(repr(value)) == value


def test_rows_that_do_not_read_back() -> None:
    assert read("<object>") is NOTHING
    assert read("set()") == set()
    broken = rows((Call("m", "f", "what(", "also["),), (Observation(ObservedKind.RAISED, "E: x", "E"),))[0]
    assert broken.arguments == ()
    assert not broken.returned


def test_the_one_changed_argument() -> None:
    seen = [row((1, "a"), 0)]
    assert changed_argument(row((2, "a"), 0), seen) == (1, 2)
    assert changed_argument(row((2, "b"), 0), seen) is None
    assert changed_argument(row((1,), 0), seen) is None
