"""What a change touches, who calls it, and which words count."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.spec.challenge import Challenge
from bot.spec.draft import Draft
from bot.spec.ground import Ground, read_ground
from bot.spec.lock import render

Tree = Callable[[dict[str, str]], Path]
SHOP = '''"""Prices of the shop, in whole cents."""


class Cart:
    """What somebody means to buy."""

    def __init__(self, rows=()):
        self.rows = list(rows)

    def total(self):
        """Return the sum of all prices."""
        return sum(self.rows)


def shown(cart):
    return f"{cart.total()} cents"


def receipt(cart):
    return [shown(cart)]


def lonely():
    return 1
'''
WISH = "Fix the total:\n   it is never\tnegative <!-- lonely() gives 2 -->"


@pytest.fixture
def ground(tree: Tree) -> Callable[..., Ground]:
    def read(old: str = "sum(self.rows)", new: str = "max(0, sum(self.rows))") -> Ground:
        head = SHOP.replace(old, new)
        root = tree({"shop.py": head, "tests/test_shop.py": "def test_total(): total()\n"})
        return read_ground(root, {"shop.py": SHOP}.get, {"shop.py": head}.get, ("shop.py",), WISH)

    return read


Grounds = Callable[..., Ground]


def test_callers_are_known_through_others_and_tests_are_none(ground: Grounds) -> None:
    found = ground()
    assert set(found.routines) == {("shop.py", "Cart.total")}
    assert found.callers == {("shop.py", "shown"), ("shop.py", "receipt")}


def test_a_constructor_is_called_by_its_class(ground: Grounds) -> None:
    found = ground("list(rows)", "list(rows or [])")
    drafted = found.draft(Challenge("Cart([1]).total()", "1", because="Return the sum of all prices."), found.resolver())
    assert isinstance(drafted, Draft)
    assert found.place(drafted.targets) == ("shop.py", 7)


@pytest.mark.parametrize(
    ("quote", "said", "wished"),
    [
        ("it is never negative", True, True),
        ("it is   never\nnegative", True, True),
        ("Return the sum of all prices.", True, False),
        ("Prices of the shop, in whole cents.", True, False),
        ("What somebody means to buy.", True, False),
        ("IT IS NEVER NEGATIVE", False, False),
        ("lonely() gives 2", False, False),
        ("never", False, False),
        ("", False, False),
    ],
)
def test_which_words_count(ground: Grounds, quote: str, said: bool, wished: bool) -> None:
    found = ground()
    assert found.is_said(quote) is said
    assert found.is_wished(quote) is wished


@pytest.mark.parametrize(
    ("call", "line"), [("Cart([1]).total()", 10), ("shown(Cart([1]))", 15), ("receipt(Cart([1]))", 19), ("lonely()", None)]
)
def test_a_finding_points_at_what_was_touched_else_at_who_calls_it(ground: Grounds, call: str, line: int | None) -> None:
    found = ground()
    drafted = found.draft(Challenge(call, "1", because="it is never negative"), found.resolver())
    if line is None:
        assert drafted == "what it calls is neither touched by the change nor calls what is"
    else:
        assert isinstance(drafted, Draft)
        assert found.place(drafted.targets) == ("shop.py", line)


def test_docstrings_that_the_change_took_away_still_count(ground: Grounds) -> None:
    found = ground('"""Return the sum of all prices."""\n        return sum', "return 1 + sum")
    assert found.is_said("Return the sum of all prices.")


WORDS = ("Cart", "Cart()", "total()", "shown", "cart", "1", "'a'", "None", "é", "lambda: ", "x")
PARTS = (*WORDS, "(", ")", "[", "]", ".", ",", "-", "*", "=", " ", "\n")
code = st.lists(st.sampled_from(PARTS), max_size=9).map("".join)
QUOTES = ("it is never negative", "Return the sum of all prices.", "nobody said this")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.builds(Challenge, code, code, code, st.lists(code, max_size=2).map(tuple), st.sampled_from(QUOTES)))
def test_any_challenge_becomes_a_test_that_parses_or_is_turned_down_in_words(ground: Grounds, given_: Challenge) -> None:
    found = _once(ground)
    drafted = found.draft(given_, found.resolver())
    if isinstance(drafted, str):
        assert drafted
    else:
        assert ast.parse(render([drafted.candidate])).body
        assert found.place(drafted.targets) is not None


@cache
def _once(ground: Grounds) -> Ground:
    return ground()
