from __future__ import annotations

import ast
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.behaviour.shapes import ANY, INT, STR, Shape, annotated, generated, named, neighbours, shape_of

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-50, 50) | st.text(max_size=5) | st.floats(-9, 9),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


def _rng(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - reproducible inputs, no secret


@settings(max_examples=60)
@given(st.lists(_VALUES, min_size=1, max_size=4), st.integers(0, 99))
def test_whatever_was_seen_more_of_it_can_be_made(values: list[Any], seed: int) -> None:
    shape = shape_of(values)
    made = generated(shape, _rng(seed))
    ast.literal_eval(repr(made))
    for value in values:
        for near in neighbours(value, shape):
            ast.literal_eval(repr(near))


@settings(max_examples=60)
@given(st.lists(st.integers(0, 30), min_size=1), st.integers(0, 999))
def test_signs_that_were_never_seen_are_not_made(values: list[int], seed: int) -> None:
    shape = shape_of(values)
    assert generated(shape, _rng(seed)) >= 0
    assert all(near >= 0 for value in values for near in neighbours(value, shape))


def test_tuples_that_mean_something_keep_their_length() -> None:
    shape = shape_of([("a", 1), ("b", 2)])
    assert shape.fixed
    assert all(len(generated(shape, _rng(seed))) == 2 for seed in range(20))
    assert all(len(near) == 2 for near in neighbours(("a", 1), shape))


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("int", INT),
        ("'str'", STR),
        ("typing.List", Shape("list", (INT,))),
        ("List[str]", Shape("list", (STR,))),
        ("dict[str, int]", Shape("dict", (STR, INT))),
        ("tuple[int, str]", Shape("tuple", (INT, STR), fixed=True)),
        ("tuple[int, ...]", Shape("tuple", (INT,))),
        ("int | None", Shape("int", none=True)),
        ("None | int", Shape("int", none=True)),
        ("Optional[str]", Shape("str", none=True)),
        ("Union[int, str]", INT),
        ("Thing", None),
        ("Thing[int]", None),
        ("'broken('", None),
        ("1", None),
        ("f()", None),
    ],
)
def test_annotations(text: str, shape: Shape | None) -> None:
    assert annotated(ast.parse(text, mode="eval").body) == shape


def test_annotations_that_are_not_there() -> None:
    assert annotated(None) is None


def test_names_tell_the_usual_sort() -> None:
    assert named("n") == INT
    assert named("text") == STR
    assert named("nums").kind == "list"
    assert named("frobnicator") == ANY


@pytest.mark.parametrize("kind", ["bool", "bytes", "set", "frozenset", "NoneType", "dict", "tuple", "any"])
def test_every_kind_can_be_made(kind: str) -> None:
    for seed in range(10):
        made = generated(Shape(kind), _rng(seed))
        assert kind in {"any", type(made).__name__}


def test_sets_get_neighbours_too() -> None:
    assert set() in list(neighbours({1, 2}, shape_of([{1, 2}])))
    assert list(neighbours(object(), ANY)) == []
