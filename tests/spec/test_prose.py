from __future__ import annotations

import ast

import pytest

from bot.spec.draft import Kind
from bot.spec.prose import claims_in, read_exception
from bot.spec.spec import Source


def told(text: str) -> list[tuple[str, Kind, str, bool]]:
    found = claims_in(text, Source.EXAMPLE)
    return [
        (ast.unparse(each.expression), each.kind, ast.unparse(each.expected) if each.expected else "", each.certain)
        for each in found
    ]


def test_several_claims_in_one_sentence_are_told_apart() -> None:
    assert told("f(1) == 2 and g(2) should be 3, but h(3) raises KeyError today") == [
        ("f(1)", Kind.EQUALS, "2", True),
        ("g(2)", Kind.EQUALS, "3", True),
    ]


@pytest.mark.parametrize(
    ("text", "certain"),
    [("f is wrong: f(1) == 2", False), ("f(1) == 2", True), ("f(1) gives 2", False), ("f(1) must be 2", True)],
)
def test_how_certain_a_claim_is(text: str, certain: bool) -> None:
    assert [each[3] for each in told(text)] == [certain]


@pytest.mark.parametrize(
    "text", ["f(1) == 2, which is wrong", "now f(1) gives 2", "f(1) gives 2, not correct", "f(1) returned 2", "f(1"]
)
def test_complaints_are_no_wishes(text: str) -> None:
    assert told(text) == []


def test_exceptions_are_named_types() -> None:
    found = read_exception("a `ValueError` with")
    assert found is not None
    assert ast.unparse(found) == "ValueError"
    assert read_exception("an error") is None


def test_what_hangs_on_a_call_belongs_to_it() -> None:
    assert told("make(1).run(2)[0].name == 3 and f(1)(2) == 4")[0][0] == "make(1).run(2)[0].name"
    assert told("f(1)(2) == 4")[0][0] == "f(1)(2)"
    assert told("f(1).x( == 4") == []
