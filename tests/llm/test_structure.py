"""Answers in JSON: strict, whole or in one fence, and never anything but what fits or a sentence on what does not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.llm.structure import parse

ANY: dict[str, Any] = {}
NUMBER: dict[str, Any] = {
    "type": "object",
    "properties": {"n": {"type": "integer"}},
    "required": ["n"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    "text",
    [
        '{"n": 1}',
        ' \n{"n": 1}\n',
        '\ufeff{"n": 1}',
        '```json\n{"n": 1}\n```',
        '```\n{"n": 1}\n```',
        'Here it is:\n\n```json\n{\n  "n": 1\n}\n```\nI hope it helps.',
    ],
)
def test_what_fits(text: str) -> None:
    assert parse(text, NUMBER) == type(parse("{}", ANY))({"n": 1}, "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is not JSON: Expecting value"),
        ("n is 1", "it is not JSON"),
        ('{"n": 1} and more', "it is not JSON: Extra data"),
        ('{"n": 1}{"n": 2}', "it is not JSON: Extra data"),
        ('```json\n{"n": 1}\n```\n```json\n{"n": 2}\n```', "it is not JSON"),
        ('{"n": 1, "n": 2}', "the key 'n' stands twice in one object"),
        ('{"n": NaN}', "NaN is no JSON"),
        ('{"n": -Infinity}', "-Infinity is no JSON"),
        ('{"n": 1e999}', "it is not JSON"),
        ('{"n": ' + "1" * 5_000 + "}", "it is not JSON"),
        ('{"n": "\\ud800"}', "it is not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"n": "one"}', "n: 'one' is not of type 'integer'"),
        ("{}", "the whole: 'n' is a required property"),
        ('{"n": 1, "m": 2}', "the whole: Additional properties"),
        ("[1]", "the whole: [1] is not of type 'object'"),
    ],
)
def test_what_does_not_fit_is_told(text: str, said: str) -> None:
    parsed = parse(text, NUMBER)
    assert parsed.data is None
    assert said in parsed.problem


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
)


@given(json_values, st.booleans())
def test_every_json_value_comes_through(value: Any, fenced: bool) -> None:
    text = json.dumps(value, indent=1 if fenced else None)
    assert parse(f"```json\n{text}\n```" if fenced else text, ANY).data == value


@given(st.text() | st.text(alphabet='{}[]":,0123456789.eEnulltruefas`\n '))
def test_whatever_is_said_it_never_raises(text: str) -> None:
    parsed = parse(text, NUMBER)
    assert parsed.problem or set(parsed.data) == {"n"}
