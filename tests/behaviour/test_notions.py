"""Well-known words mean what they mean, and count only where they fit."""

from __future__ import annotations

from typing import Any

import pytest

from bot.behaviour.notions import NOTIONS, notions
from bot.behaviour.rows import rows
from bot.harness.harness import Call, Observation, ObservedKind

BY_NAME = {each.name: each for each in NOTIONS}


def holds(words: str, name: str, arguments: tuple[Any, ...], value: Any) -> bool | None:
    promise = next(each for each in notions(words) if each.rule == f"notion-{name.replace(' ', '-')}")
    call = Call("m", "f", repr(arguments))
    return promise.holds(rows((call,), (Observation(ObservedKind.RETURNED, repr(value), ""),))[0])


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        ("prime", (7,), True),
        ("prime", (1,), False),
        ("not prime", (9,), True),
        ("prime factors", (12,), [2, 2, 3]),
        ("prime factors", (7,), [7]),
        ("prime factors", (1,), []),
        ("primes below", (10,), [2, 3, 5, 7]),
        ("perfect square", (36,), True),
        ("perfect number", (28,), True),
        ("armstrong number", (153,), True),
        ("palindrome", ("abba",), True),
        ("palindrome", (121,), True),
        ("fibonacci", (10,), 55),
        ("catalan", (4,), 14),
        ("factorial", (5,), 120),
        ("greatest common divisor", (12, 18), 6),
        ("least common multiple", (4, 6), 12),
        ("leap year", (1900,), False),
        ("anagram", ("abc", "cab"), True),
        ("same characters", ("aab", "ba"), True),
        ("balanced", ("([])",), True),
        ("balanced", ("([)]",), False),
        ("balanced", ("(",), False),
        ("monotonic", ([3, 2, 2],), True),
        ("minimum", (3, 1, 2), 1),
        ("maximum", ([3, 1],), 3),
        ("sum", ([1, 2],), 3),
        ("product", ([2, 3],), 6),
        ("mean", ([1, 2],), 1.5),
        ("median", ([3, 1, 2],), 2),
        ("reversed", ("abc",), "cba"),
        ("sorted", ([2, 1],), [1, 2]),
        ("sorted and unique", ([2, 1, 2],), [1, 2]),
        ("swapped case", ("aB",), "Ab"),
        ("upper case", ("a",), "A"),
        ("lower case", ("A",), "a"),
        ("vowels", ("hello",), 2),
        ("length", ("abc",), 3),
        ("binary", (5,), "101"),
        ("ones in binary", (7,), 3),
        ("sum of digits", (123,), 6),
        ("even", (4,), True),
        ("odd", (4,), False),
        ("power of two", (8,), True),
        ("absolute value", (-3,), 3),
    ],
)
def test_definitions(name: str, arguments: tuple[Any, ...], value: Any) -> None:
    assert BY_NAME[name].means(*arguments) == value


def test_each_notion_is_found_by_its_own_name_and_has_a_test() -> None:
    assert len(BY_NAME) == len(NOTIONS)


def test_a_notion_agrees_or_not_or_has_nothing_to_say() -> None:
    words = "Check whether the number is prime"
    assert holds(words, "prime", (7,), value=True) is True
    assert holds(words, "prime", (9,), value=True) is False
    assert holds(words, "prime", ("x",), value=True) is None
    assert holds(words, "prime", (10**9,), value=True) is None
    assert holds(words, "prime", (7,), 2) is False
    assert holds("the sum", "sum", ([1],), value=True) is False, "a truth value is no number"
    assert holds(words, "prime", (True,), value=True) is None


def test_values_are_compared_as_people_mean_them() -> None:
    assert holds("the mean", "mean", ([1, 2, 2],), 1.6666667) is True
    assert holds("sort it", "sorted", ([2, 1],), (1, 2)) is True
    assert holds("sort it", "sorted", ([2, 1],), (1,)) is False
    assert holds("is it a palindrome", "palindrome", ("x" * 3000,), value=True) is None


def test_words_without_a_notion_name_none() -> None:
    assert not list(notions("Move the window to the left of the screen"))
