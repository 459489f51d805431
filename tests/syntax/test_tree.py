from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.syntax.tree import parse


def test_python_is_read() -> None:
    assert parse("x = 1\n") is not None
    assert parse("") is not None


@pytest.mark.parametrize(
    "text",
    [
        "def (",
        "x = '\0'",
        "(" * 5_000,
        "x = " + "-" * 300 + "1",
        "x" + ".a" * 300,
        "x = " + "1 + " * 5_000 + "1",
        "f" + "()" * 5_000,
        "if x:\n pass\n" + "elif x:\n pass\n" * 300,
        "x = " + "1 if 1 else " * 20_000 + "1",
    ],
)
def test_what_is_broken_or_nested_to_kill_a_parser_is_not(text: str) -> None:
    assert parse(text) is None


@given(st.text(max_size=200))
def test_any_text_is_taken(text: str) -> None:
    parse(text)
