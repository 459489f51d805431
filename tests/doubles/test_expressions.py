"""The expressions of workflow files, against examples from GitHub's documentation of them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.doubles.github.expressions import Malformed, condition, evaluate, fill

CONTEXTS: dict[str, Any] = {
    "inputs": {"run": "01R", "empty": "", "yes": True, "list": [{"a": 1}, {"a": 2}]},
    "vars": {},
    "github": {"event": {"label": {"name": "Bug"}}, "ref": "refs/heads/main"},
    "needs": {"build": {"result": "failure", "outputs": {}}},
}
STATUS = {"success": lambda: False, "failure": lambda: True, "always": lambda: True, "cancelled": lambda: False}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("inputs.run", "01R"),
        ("inputs['run']", "01R"),
        ("INPUTS.Run", "01R"),
        ("inputs.nosuch", None),
        ("inputs.nosuch.deeper", None),
        ("vars.NOSUCH || 'bug'", "bug"),
        ("inputs.empty && 'a' || 'b'", "b"),
        ("inputs.yes && 'a' || 'b'", "a"),
        ("!inputs.yes", False),
        ("'Bug' == github.event.label.name", True),
        ("'bug' == github.event.label.name", True),
        ("'1' == 1", True),
        ("null == 0", True),
        ("'' == 0", True),
        ("true == 1", True),
        ("'a' == 1", False),
        ("'a' < 'B'", True),
        ("1 < 2 && 2 <= 2", True),
        ("'x' > 1", False),
        ("0x10 == 16", True),
        ("-1.5e1 < 0", True),
        ("'it''s'", "it's"),
        ("contains('Hello world', 'WORLD')", True),
        ("contains(fromJSON('[\"push\", \"pull\"]'), 'push')", True),
        ("startsWith(github.ref, 'refs/heads/')", True),
        ("endsWith(github.ref, 'MAIN')", True),
        ("format('Hello {0} {{x}} {1}', 'a', 2)", "Hello a {x} 2"),
        ("join(inputs.list.*.a, '-')", "1-2"),
        ("inputs.list[1].a", 2),
        ("fromJSON('{\"a\": [3]}').a[0]", 3),
        ("(1 == 1 || false) && !(true && false)", True),
    ],
)
def test_an_expression_has_githubs_value(text: str, value: Any) -> None:
    assert evaluate(text, CONTEXTS) == value


@pytest.mark.parametrize("text", ["", "1 +", "nosuch.x", "nosuch()", "(1", "'open", "a b", "1 2", "inputs.", "&& 1", '"x"'])
def test_what_github_would_not_take_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        evaluate(text, CONTEXTS)


def test_texts_are_filled() -> None:
    assert fill("Pawl ${{ inputs.run }} ${{inputs.yes}}${{ 3.0 }}${{ null }} ${{ '}}' }}", CONTEXTS) == "Pawl 01R true3 }}"


@pytest.mark.parametrize(
    ("text", "goes"),
    [
        ("", False),
        ("always()", True),
        ("${{ failure() }}", True),
        ("!cancelled()", True),
        ("true", False),
        ("needs.build.result == 'failure'", False),
        ("always() && needs.build.result == 'failure'", True),
    ],
)
def test_a_condition_that_asks_for_no_status_needs_success(text: str, goes: bool) -> None:
    assert condition(text, CONTEXTS, STATUS) is goes


@given(st.text(max_size=30))
def test_any_text_has_a_value_or_is_malformed(text: str) -> None:
    with suppress(Malformed):
        evaluate(text, CONTEXTS)
