"""The same call is known again however it is written, and words are read as naming an outcome only where they do."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.ids import Digest, NodeId
from bot.spec.draft import Claim, Kind
from bot.spec.ground import read_ground
from bot.spec.outcome import names_outcome, outcomes
from bot.spec.sayings import Sayings
from bot.spec.spec import Role, Source, Spec, SpecFile, SpecTest

Tree = Callable[[dict[str, str]], Path]
CODE = "def price(n, percent=0, *, code='x'):\n    return n\n\n\nclass Cart:\n    def total(self, vat=0):\n        return vat\n"
FILE = """
import pytest
import shop
from shop import Cart, price


def test_plain():
    assert price(10, 50) == 5


def test_named():
    many = {"b": 1, "a": [2]}
    assert shop.price(many) == {1, 2}


def test_raising():
    with pytest.raises(ValueError):
        price(-1)


def test_near():
    assert price(3) == pytest.approx(1.5)


def test_method():
    cart = Cart()
    assert cart.total() is None


def test_loose():
    assert price(99) > 1


@pytest.mark.parametrize("n", [7])
def test_rows(n):
    assert price(n) == 7


def test_dropped():
    assert price(55) == 5
"""


def claim(call: str, expected: str, *setup: str, raises: bool = False) -> Claim:
    statements = tuple(ast.parse(each).body[0] for each in setup)
    kind = Kind.RAISES if raises else Kind.EQUALS
    return Claim(kind, ast.parse(call, mode="eval").body, ast.parse(expected, mode="eval").body, None, statements)


@pytest.fixture
def said(tree: Tree) -> Sayings:
    root = tree({"shop.py": CODE})
    ground = read_ground(root, {"shop.py": ""}.get, {"shop.py": CODE}.get, ("shop.py",), "Fix price: `price(1, 2)` should be 3.")
    names = [each.name for each in ast.parse(FILE).body if isinstance(each, ast.FunctionDef)]
    tests = tuple(
        SpecTest(NodeId(f"t.py::{name}"), Role.GUARD, Source.SUITE, kept=name != "test_dropped", kills=1, reason="")
        for name in names
    )
    return outcomes(ground, Spec(tests, (SpecFile("t.py", FILE),), (), Digest("d")), root)


@pytest.mark.parametrize(
    ("against", "by"),
    [
        (claim("price(10, 50)", "6"), "test_plain"),
        (claim("shop.price(n=10, percent=50)", "6"), "test_plain"),
        (claim("price(10, percent=50, code='x')", "6"), "test_plain"),
        (claim("price(some, 50)", "6", "some = 10"), "test_plain"),
        (claim("price(10, 50)", "ValueError", raises=True), "test_plain"),
        (claim("price({'a': [2], 'b': 1})", "{1}"), "test_named"),
        (claim("price(-1)", "0"), "test_raising"),
        (claim("price(-1, 0)", "KeyError", raises=True), "test_raising"),
        (claim("price(3)", "2.5"), "test_near"),
        (claim("Cart().total()", "0"), "test_method"),
        (claim("c.total(0)", "0", "c = Cart()"), "test_method"),
        (claim("price(1, 2)", "4"), "the instruction's own example"),
    ],
)
def test_who_says_otherwise(said: Sayings, against: Claim, by: str) -> None:
    assert said.against(against).rpartition("::")[2] == by


@pytest.mark.parametrize(
    "fine",
    [
        claim("price(10, 50)", "5"),
        claim("price(10, 50)", "5.0"),
        claim("price(10, 51)", "6"),
        claim("price(10, 50, code='y')", "6"),
        claim("price({'b': 1, 'a': [2]})", "{2, 1}"),
        claim("price(-1)", "builtins.ValueError", raises=True),
        claim("price(99)", "0"),
        claim("price(55)", "6"),
    ],
)
def test_nobody_says_otherwise(said: Sayings, fine: Claim) -> None:
    assert not said.against(fine)


def test_an_example_of_the_instruction_is_known_again(said: Sayings) -> None:
    assert said.is_example(claim("price(percent=2, n=1)", "3"))
    assert not said.is_example(claim("price(1, 2)", "4"))
    assert not said.is_example(claim("price(10, 50)", "5")), "a test says so, not the instruction"


@pytest.mark.parametrize(
    ("quote", "expected", "named"),
    [
        ("a discount over 100% gives 0", "0", True),
        ("a discount over 100% gives 0", "100", False),
        ("a discount over 100% gives 0", "7", False),
        ("it should be `None` then", "None", True),
        ("without any it returns an empty list", "[]", True),
        ("unknown names give 'anonymous'", "'anonymous'", True),
        ("the answer is [1, 2]", "[1, 2]", True),
        ("returns 0.5 for halves", "0.5", True),
        ("it is true for pairs", "True", True),
        ("it must be 4, not 5", "4", True),
        ("it must be 4, not 5", "5", False),
        ("it returns 5 instead of 4", "5", False),
        ("it returns 5 but should return 4", "5", False),
        ("it currently gives 5", "5", False),
        ("it must never be 5", "5", False),
        ("page 0 is the first", "0", False),
    ],
)
def test_words_that_name_an_outcome(quote: str, expected: str, named: bool) -> None:
    assert names_outcome(quote, claim("f(1)", expected)) is named


@pytest.mark.parametrize(
    ("quote", "named"),
    [
        ("an empty code raises ValueError", True),
        ("it raises a `ValueError`", True),
        ("ValueErrors are bad", False),
        ("it raises KeyError", False),
    ],
)
def test_words_that_name_an_exception(quote: str, named: bool) -> None:
    assert names_outcome(quote, claim("f(1)", "ValueError", raises=True)) is named
