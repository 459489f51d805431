"""The grammar of challenges: what it takes becomes a claim, everything else is turned down in words."""

from __future__ import annotations

import ast
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.spec.challenge import MOST_NUMBER, MOST_SETUP, Challenge, claim_of, read_challenge
from bot.spec.draft import Claim, Kind
from bot.spec.vetting import objection

CLASSES = frozenset({"Cart"})

texts = st.text(max_size=30)
challenges = st.builds(Challenge, texts, texts, texts, st.lists(texts, max_size=3).map(tuple), texts, texts)
values = st.recursive(
    st.integers(-MOST_NUMBER, MOST_NUMBER)
    | st.text(max_size=5)
    | st.booleans()
    | st.none()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=3), each, max_size=3) | st.tuples(each),
    max_leaves=6,
)


@pytest.mark.parametrize(
    "call",
    [
        "f()",
        "f(1, -2, key='x')",
        "shop.cart.f([1, (2, {3}), {'a': None}])",
        "Cart(1).total()",
        "Cart.of([1]).rows[0].price",
        "sorted(f({1, 2}))",
        "len(str(f(b'x')))",
        "f(Cart(2), decimal.Decimal('1.5'), datetime.date(2024, 1, 31), frozenset([1]))",
        "f(Color.RED, LIMIT)",
    ],
)
def test_what_may_be_called(call: str) -> None:
    found = claim_of(Challenge(call, "1"), CLASSES)
    assert isinstance(found, Claim), found
    assert ast.unparse(found.expression) == ast.unparse(ast.parse(call, mode="eval").body)
    assert found.kind is Kind.EQUALS


@pytest.mark.parametrize(
    "call",
    [
        "1 + f(1)",
        "f(1) + 1",
        "f(lambda: 1)",
        "f([x for x in y])",
        "f(*[1])",
        "f(**{'a': 1})",
        "f(g(1))",
        "f(os.getcwd())",
        "f(datetime.datetime.now())",
        "f(x := 1)",
        "f(1) if f(2) else 3",
        "f'{f(1)}'",
        "f(f'{x}')",
        "f(...)",
        "f([1] * 9)",
        "f",
        "[f(1)]",
        "f(await g())",
        "f(1)[g(1)]",
        "min(f(1), f(2))",
    ],
)
def test_what_may_not(call: str) -> None:
    assert isinstance(claim_of(Challenge(call, "1"), CLASSES), str)


@pytest.mark.parametrize("expected", ["f(1)", "open('x')", "1 + 1", "[g()]", "lambda: 1"])
def test_what_is_expected_is_a_plain_value(expected: str) -> None:
    assert isinstance(claim_of(Challenge("f(1)", expected), CLASSES), str)


def test_setup_is_assignments_and_calls_in_their_order() -> None:
    found = claim_of(Challenge("cart.total()", "3", setup=("cart = Cart()", "cart.add('tea', 2)", "n = f(1)")), CLASSES)
    assert isinstance(found, Claim)
    assert [ast.unparse(each) for each in found.setup] == ["cart = Cart()", "cart.add('tea', 2)", "n = f(1)"]


@pytest.mark.parametrize(
    "statement", ["import os", "a, b = 1, 2", "a.b = 1", "del a", "for x in y: f()", "a = [i for i in x]", "1", ""]
)
def test_setup_is_nothing_else(statement: str) -> None:
    assert isinstance(claim_of(Challenge("f(a)", "3", setup=(statement,)), CLASSES), str)


def test_exceptions_are_names() -> None:
    found = claim_of(Challenge("f(1)", raises="shop.Bad"), CLASSES)
    assert isinstance(found, Claim)
    assert found.kind is Kind.RAISES
    assert isinstance(claim_of(Challenge("f(1)", raises="(A, B)"), CLASSES), str)
    assert isinstance(claim_of(Challenge("f(1)", raises="make()"), CLASSES), str)


def test_sizes_are_bounded() -> None:
    assert isinstance(claim_of(Challenge("f(1)", "1", setup=("a = 1",) * (MOST_SETUP + 1)), CLASSES), str)
    assert isinstance(claim_of(Challenge(f"f({MOST_NUMBER + 1})", "1"), CLASSES), str)
    assert isinstance(claim_of(Challenge(f"f({'[' * 300}{']' * 300})", "1"), CLASSES), str)


@given(values, values)
def test_any_plain_value_may_go_in_and_come_out(given_: object, expected: object) -> None:
    found = claim_of(Challenge(f"f({given_!r})", repr(expected)), CLASSES)
    assert isinstance(found, Claim), found
    assert not any(objection(each, {"f"}) for each in found.code)


@given(challenges)
def test_a_challenge_is_read_back_as_it_was_written(given_: Challenge) -> None:
    assert read_challenge({**asdict(given_), "ruling": "held"}) == given_
    assert read_challenge({**asdict(given_), "setup": list(given_.setup)}) == given_


@pytest.mark.parametrize("said", [None, 1, "x", [], {"call": 1}, {"setup": "x"}, {"setup": [1]}, {"because": None}])
def test_what_is_no_challenge_is_none(said: object) -> None:
    assert read_challenge(said) is None


def test_people_read_it_on_one_line() -> None:
    given_ = Challenge("cart.total()", "3", setup=("cart = Cart()", "cart.add(3)"))
    assert given_.written == "cart = Cart(); cart.add(3); cart.total()"
    assert given_.outcome == "give 3"
    assert Challenge("f()", raises="KeyError").outcome == "raise KeyError"
