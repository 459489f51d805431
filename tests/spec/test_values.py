from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.spec.values import read_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("`[1, 2]` and", "[1, 2]"),
        ("``{'a': 1}``", "{'a': 1}"),
        ("3.", "3"),
        ("3.5 or so", "3.5"),
        ("-2", "-2"),
        ("the list [1,\n 2]", "[1, 2]"),
        ("an empty dictionary", "{}"),
        ("nothing", "None"),
        ("true", "True"),
        ("float('inf') here", "float('inf')"),
        ("(1, 'a)b')", "(1, 'a)b')"),
    ],
)
def test_values_are_read_as_far_as_they_go(text: str, value: str) -> None:
    found = read_value(text)
    assert found is not None
    assert ast.unparse(found) == value


@pytest.mark.parametrize("text", ["", "correct", "`name`", "``", "[1, 2", "'open", "`lambda: 1`", "12abc"[2:]])
def test_words_are_no_values(text: str) -> None:
    assert read_value(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("19 - 5 - 6 = 8", "8"),
        ("19 - 5 - 6 = 8 and so on", "8"),
        ("4 = 2 * 2.", "2 * 2"),
        ("3 * 2.", "3 * 2"),
        ("1/3", "1 / 3"),
        ("2 ** 10, as ever", "2 ** 10"),
        ("[1, 2] + [3]", None),
        ("'a' + 'b'", None),
        ("4 - 5 items", None),
        ("4 * 5 stars", None),
        ("19 - 5 = 13", None),
        ("1 / 0 = 3", None),
        ("2024-01-05", None),
        ("1.2.3", None),
        ("12:30", None),
        ("4: that is", "4"),
        ("9 ** 9 ** 9 = 1", None),
        ("(((9 ** 64) ** 64) ** 64) ** 64 = 1", None),
        ("(-8) ** 0.5 // 2 = 1", None),
        ("2 ** 3 - 1 = 7", "7"),
        ("10 - please", "10"),
        ("50 % of it", "50"),
        ("4 - [see below]", "4"),
    ],
)
def test_a_sum_is_no_literal(text: str, value: str | None) -> None:
    found = read_value(text)
    assert (None if found is None else ast.unparse(found)) == value


@given(st.text(alphabet="0123456789.+-*/%=() []'\"`,aeT", max_size=30))
def test_any_text_is_read_in_good_order(text: str) -> None:
    found = read_value(text)
    assert found is None or ast.unparse(found)


@given(st.integers(-999, 999), st.integers(1, 999))
def test_a_sum_written_out_is_its_result(first: int, second: int) -> None:
    found = read_value(f"{first} - {second} = {first - second}")
    assert found is not None
    assert ast.literal_eval(found) == first - second
