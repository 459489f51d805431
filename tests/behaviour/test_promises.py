"""Words and annotations become questions with the right answers."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from bot.behaviour.promises import conforms, promises
from bot.behaviour.rows import Row, rows
from bot.behaviour.touched import FunctionNode
from bot.harness.harness import Call, Observation, ObservedKind


def row(arguments: tuple[Any, ...], value: Any) -> Row:
    call = Call("m", "f", repr(arguments))
    return rows((call,), (Observation(ObservedKind.RETURNED, repr(value), type(value).__name__),))[0]


def function(text: str = "def f(a): ...") -> FunctionNode:
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    return node


def asked(words: str, rule: str, arguments: tuple[Any, ...], value: Any) -> bool | None:
    promise = next(each for each in promises(function(), words) if each.rule == rule)
    return promise.holds(row(arguments, value))


@pytest.mark.parametrize(
    ("words", "rule", "arguments", "value", "holds"),
    [
        ("return the sorted list", "sorted", ([2, 1],), [1, 2], True),
        ("return the sorted list", "sorted", ([2, 1],), [2, 1], False),
        ("return the sorted list", "sorted", ([2, 1],), 3, None),
        ("return the sorted list", "sorted", ([2, 1],), [1, "a"], None),
        ("in descending order", "sorted-down", ([1, 2],), [2, 1], True),
        ("sort them", "same-elements", ([1, 1],), [1], False),
        ("sort them", "same-elements", ([1], [2]), [1], None),
        ("remove the odd ones", "picked", ([1, 2],), [2, 2], False),
        ("remove the odd ones", "picked", ([1, 2],), [2], True),
        ("double each", "same-length", ([1, 2],), [2], False),
        ("the unique ones", "no-repeats", ([1, 1],), [1, 1], False),
        ("the unique ones", "no-repeats", ([1, 2],), [1, 1], None),
        ("the unique ones", "no-repeats", ([1, 1],), [1], True),
        ("count the words", "not-negative", ("a",), -1, False),
        ("count the words", "not-negative", ("a",), True, None),
        ("the largest of them", "one-of-them", ([1, 2],), 3, False),
        ("the largest of them", "one-of-them", ([1, 2],), 2, True),
        ("the largest of them", "one-of-them", (1, 2), 2, None),
    ],
)
def test_words_become_questions(words: str, rule: str, arguments: tuple[Any, ...], value: Any, holds: bool | None) -> None:
    assert asked(words, rule, arguments, value) is holds


def test_sorting_by_something_is_not_plain_sorting() -> None:
    assert "sorted" not in {each.rule for each in promises(function(), "return the sorted list, by length")}


@pytest.mark.parametrize(
    ("value", "annotation", "fits"),
    [
        (1, "int", True),
        (True, "int", True),
        (1, "float", True),
        ("a", "int", False),
        (1, "'int'", True),
        (1, "'in t'", None),
        (None, "None", True),
        (1, "None", False),
        (None, "Optional[int]", True),
        ("a", "typing.Optional[int]", False),
        ("a", "int | None", False),
        (None, "int | None", True),
        (1, "Union[str, Thing]", None),
        ([1], "list[int]", True),
        ([1, "a"], "List[int]", False),
        ([None], "list[int]", None),
        ({"a": 1}, "dict[str, int]", True),
        ({"a": "b"}, "dict[str, int]", False),
        ((1, 2), "tuple[int, ...]", True),
        ((1, 2), "tuple[int]", False),
        ((1, "a"), "Tuple[int, str]", True),
        ("abc", "str", True),
        (1, "Thing", None),
        (1, "Thing[int]", None),
        (1, "list[int]", False),
        ((), "Sequence[int]", None),
    ],
)
def test_annotations(value: Any, annotation: str, fits: bool | None) -> None:
    assert conforms(value, ast.parse(annotation, mode="eval").body) is fits


def test_a_generator_function_is_not_held_to_its_annotation() -> None:
    assert not list(promises(function("def f(a) -> list:\n    yield 1"), ""))
