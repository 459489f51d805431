from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.capability import Capability, Level, mismatch, perform
from bot.errors import Fatal, InputError

NUMBER = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}


def double(inputs: Mapping[str, Any], _capabilities: Mapping[str, Capability]) -> dict[str, Any]:
    return {"n": inputs["n"] * 2 if inputs["n"] < 100 else "many"}


ALL = {
    "double": Capability("double", 1, "Doubles.", NUMBER, NUMBER, frozenset(), Level.LOW, answer=double),
    "edit": Capability("edit", 1, "Edits.", NUMBER, NUMBER, frozenset(), Level.LOW, engines=("search", "model")),
}


def test_both_sides_are_checked() -> None:
    assert perform("double", {"n": 4}, ALL) == {"n": 8}
    with pytest.raises(InputError, match="n: 'x' is not of type 'integer'"):
        perform("double", {"n": "x"}, ALL)
    with pytest.raises(Fatal, match="broke its promise"):
        perform("double", {"n": 100}, ALL)


def test_what_nobody_can_answer_says_what_to_do() -> None:
    with pytest.raises(InputError, match="use one of double, edit"):
        perform("halve", {}, ALL)
    with pytest.raises(InputError, match="search, model"):
        perform("edit", {"n": 1}, ALL)


def test_a_mismatch_names_the_place() -> None:
    deep = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "integer"}}}}
    assert mismatch({"a": [1, "x"]}, deep).startswith("a[1]: ")
    assert mismatch([], deep).startswith("the whole: ")
    assert mismatch({}, deep) == ""
