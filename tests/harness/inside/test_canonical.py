from __future__ import annotations

import collections
import datetime as dt
import decimal
import enum
import itertools
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.harness.inside.canonical import text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


class Colour(enum.Enum):
    RED = 1


class Point(NamedTuple):
    x: int
    y: int


@dataclass
class Box:
    inner: Any
    _hidden: int = 3


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self) -> None:
        self.a = 1


class Plain:
    pass


class Special(list[int]):
    pass


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({3, 1, 2}, "{1, 2, 3}"),
        (frozenset({"b", "a"}), "frozenset({'a', 'b'})"),
        ({"b": 1, "a": [2]}, "{'a': [2], 'b': 1}"),
        (0.1 + 0.2, "0.3"),
        (1e300 * 1e10, "inf"),
        (-0.0, "0.0"),
        (complex(1, -2), "complex(1.0, -2.0)"),
        ((1,), "(1,)"),
        (Point(1, 2), "test_canonical.Point(x=1, y=2)"),
        (Colour.RED, "test_canonical.Colour.RED"),
        (Box(Box(1)), "test_canonical.Box(inner=test_canonical.Box(inner=1))"),
        (Slotted(), "test_canonical.Slotted(a=1)"),
        (Plain(), "test_canonical.Plain()"),
        (Special([1]), "test_canonical.Special([1])"),
        (iter([1, 2]), "<iterator>[1, 2]"),
        (map(str, [1]), "<iterator>['1']"),
        (range(3), "<range>[0, 1, 2]"),
        ({1: 2}.items(), "dict_items((1, 2))"),
        (collections.deque([1]), "collections.deque([1])"),
        (collections.Counter("aab"), "collections.Counter({'a': 2, 'b': 1})"),
        (ValueError("x", 1), "ValueError('x', 1)"),
        (decimal.Decimal("1.50"), "decimal.Decimal<Decimal('1.50')>"),
        (dt.date(2020, 1, 2), "datetime.date<datetime.date(2020, 1, 2)>"),
        (int, "<class int>"),
        (len, "<function builtins.len>"),
        (itertools, "<module itertools>"),
        pytest.param(1 << 20000, hex(1 << 20000), id="wide"),
    ],
)
def test_values_have_one_text(value: object, expected: str) -> None:
    assert text(value).replace(f"{__name__}.", "test_canonical.") == expected


@given(VALUES)
def test_equal_values_have_equal_texts_whatever_their_order(value: Any) -> None:
    def turned(each: Any) -> Any:
        if isinstance(each, dict):
            return {key: turned(inner) for key, inner in reversed(each.items())}
        return [turned(inner) for inner in each] if isinstance(each, list) else each

    assert text(turned(value)) == text(value)


def test_cycles_depth_and_length_end() -> None:
    loop: list[Any] = [1]
    loop.append(loop)
    assert text(loop) == "[1, <cycle 1>]"
    deep: list[Any] = []
    for _ in range(50):
        deep = [deep]
    assert "…" in text(deep)
    assert text(itertools.count()).endswith("999, …]")
    assert len(text("x" * 100_000)) < 21_000
    assert text(Box(object)) == text(Box(object))


def test_addresses_are_left_out() -> None:
    assert text(memoryview(b"a")) == "memoryview<<memory>>"
