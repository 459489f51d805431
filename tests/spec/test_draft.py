from __future__ import annotations

import pytest

from bot.spec.draft import Claim, Kind, body_of, function_source
from bot.spec.vetting import parse_expression


def claim(kind: Kind, expected: str | None, message: str | None = None) -> Claim:
    call = parse_expression("f(1)")
    assert call is not None
    return Claim(kind, call, parse_expression(expected) if expected else None, message)


@pytest.mark.parametrize(
    ("kind", "expected", "lines"),
    [
        (Kind.EQUALS, "2", ["assert f(1) == 2"]),
        (Kind.EQUALS, "-0.5", ["assert f(1) == pytest.approx(-0.5)"]),
        (Kind.EQUALS, "(1, 0.5)", ["assert f(1) == pytest.approx((1, 0.5))"]),
        (Kind.EQUALS, "{'a': 0.5}", ["assert f(1) == pytest.approx({'a': 0.5})"]),
        (Kind.EQUALS, "[('a', 0.5)]", ["assert f(1) == [('a', 0.5)]"]),
        (Kind.EQUALS, "{0.5}", ["assert f(1) == {0.5}"]),
        (Kind.IS, "None", ["assert f(1) is None"]),
        (Kind.DIFFERS, "2", ["assert f(1) != 2"]),
        (Kind.SHOWS, "'<f>'", ["assert repr(f(1)) == '<f>'"]),
        (Kind.RUNS, None, ["f(1)"]),
        (Kind.HOLDS, None, ["assert f(1)"]),
        (Kind.ISINSTANCE, "int", ["assert isinstance(f(1), int)"]),
        (Kind.RAISES, "KeyError", ["with pytest.raises(KeyError):", "    f(1)"]),
    ],
)
def test_each_kind_of_claim_has_its_assertion(kind: Kind, expected: str | None, lines: list[str]) -> None:
    found, needs_pytest = body_of(claim(kind, expected))
    assert found == lines
    assert needs_pytest is any("pytest" in line for line in lines)


def test_a_message_is_matched_as_it_stands() -> None:
    assert body_of(claim(Kind.RAISES, "KeyError", "a.b"))[0][0] == "with pytest.raises(KeyError, match='a\\\\.b'):"


def test_late_imports_stand_in_the_test() -> None:
    text = function_source("test_f", claim(Kind.EQUALS, "2"), ("from a import f",))
    assert text == "def test_f():\n    from a import f\n    assert f(1) == 2\n"
