from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.capability import mismatch
from bot.llm.strict_schema import closed, promised

TEXT = {"type": "string", "minLength": 1, "pattern": "a"}


def objects(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "loosened"),
    [
        (objects(a=TEXT), objects(a={"type": "string"})),
        (objects(a={"type": ["string", "null"]}), objects(a={"type": ["string", "null"]})),
        (objects(a={"enum": ["minLength", "x"]}), objects(a={"enum": ["minLength", "x"]})),
        (objects(minLength=TEXT), objects(minLength={"type": "string"})),
        (
            objects(a={"type": "array", "items": objects(b=TEXT), "maxItems": 3}),
            objects(a={"type": "array", "items": objects(b={"type": "string"})}),
        ),
        (
            {**objects(a={"$ref": "#/$defs/b"}), "$defs": {"b": objects(c={"type": "integer", "maximum": 3})}},
            {**objects(a={"$ref": "#/$defs/b"}), "$defs": {"b": objects(c={"type": "integer"})}},
        ),
    ],
)
def test_what_can_be_promised_is_only_loosened(schema: dict[str, Any], loosened: dict[str, Any]) -> None:
    assert promised(schema) == loosened


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"type": "string"}},
        {**objects(a=TEXT), "additionalProperties": True},
        {**objects(a=TEXT), "required": []},
        {key: value for key, value in objects(a=TEXT).items() if key != "additionalProperties"},
        objects(a={"type": "object", "additionalProperties": {"type": "string"}}),
        objects(a={"type": "array"}),
        objects(a={"oneOf": [{"type": "string"}]}),
        objects(a={"not": {"type": "string"}}),
        objects(a={}),
        objects(),
        {"type": "object", "properties": {"a": TEXT}, "required": ["a"], "additionalProperties": False, "if": {}},
    ],
)
def test_what_would_be_another_question_is_not_promised(schema: dict[str, Any]) -> None:
    assert promised(schema) is None


LEAVES = st.sampled_from([
    TEXT, {"type": "integer", "minimum": 3}, {"type": "boolean"}, {"enum": ["x", 1]}, {"type": "string", "format": "date"},
])  # fmt: skip
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(lambda each: {"type": "array", "items": each, "minItems": 1}),
        st.dictionaries(st.sampled_from("abc"), inner, min_size=1).map(lambda each: objects(**each)),
        st.lists(inner, min_size=1, max_size=2).map(lambda each: {"anyOf": each}),
    ),
    max_leaves=6,
)
DATA = st.recursive(
    st.one_of(st.sampled_from(["a", "x", ""]), st.integers(0, 5), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("abc"), inner)),
    max_leaves=6,
)


@given(SCHEMAS, DATA)
def test_whatever_fits_the_question_fits_the_promise(inner: dict[str, Any], data: Any) -> None:
    schema = objects(a=inner)
    loosened = promised(schema)
    assert loosened is not None
    if not mismatch({"a": data}, schema):
        assert not mismatch({"a": data}, loosened)


def test_an_object_that_names_nothing_cannot_be_closed() -> None:
    assert closed(objects(a=TEXT))
    assert closed({"type": "object", "properties": {"a": TEXT}})
    assert not closed({"type": "object"})
    assert not closed(objects(a={"type": "object", "properties": {"b": TEXT}, "additionalProperties": {"type": "string"}}))
    assert not closed(objects(a={"anyOf": [{"type": "object"}, {"type": "null"}]}))
    assert not closed(objects(a={"type": ["object", "null"]}))
    assert not closed(objects(a={}))
