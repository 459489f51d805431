from __future__ import annotations

from bot.behaviour.seen import docstring_calls, seen_calls
from bot.harness.harness import Call


def test_plain_calls_by_every_way_of_importing() -> None:
    source = """
import shop
import shop as s
from shop import price as cost
from shop import *

def test_it():
    assert shop.price(1) == 1
    assert s.price(2) == 2
    assert cost(3) == 3
    assert tax(4, rate=0.5) == 4
    assert other(5)
"""
    found = seen_calls(source, "shop", frozenset({"tax"}))
    assert [(each.qualname, each.arguments, each.keywords) for each in found] == [
        ("price", "(1,)", "{}"),
        ("price", "(2,)", "{}"),
        ("price", "(3,)", "{}"),
        ("tax", "(4,)", "{'rate': 0.5}"),
    ]


def test_modules_of_packages() -> None:
    source = "from pkg import part\nfrom pkg import f\ndef test_a():\n    part.g(1)\n    f(2)\n"
    assert {(each.qualname, each.arguments) for each in seen_calls(source, "pkg.part")} == {("g", "(1,)"), ("f", "(2,)")}


def test_parametrised_rows_and_bound_names_are_filled_in() -> None:
    source = """
import pytest
from m import f

ROWS = [1]

@pytest.mark.parametrize("a, b", [(1, [2]), pytest.param(3, [4]), (nonsense, 1)])
def test_a(a, b):
    assert f(a, b)

@pytest.mark.parametrize(("x",), [(7,)])
@pytest.mark.parametrize("y", ["p", "q"])
def test_b(x, y):
    assert f(x, y)

def test_c():
    rows = [9]
    twice = 1
    twice = 2
    assert f(rows, 0)
    assert f(twice, 0)
"""
    arguments = [each.arguments for each in seen_calls(source, "m")]
    assert arguments == ["(1, [2])", "(3, [4])", "(7, 'p')", "(7, 'q')", "([9], 0)"]


def test_methods_keep_how_their_object_is_made() -> None:
    source = """
from box import Box
def test_a():
    assert Box(2).add(1) == 3
    it = Box(5)
    assert it.add(4) == 9
    assert Box(size=1).add(1)
"""
    assert Call("box", "Box.add", "(1,)", "{}", "(2,)") in seen_calls(source, "box")
    assert Call("box", "Box.add", "(4,)", "{}", "(5,)") in seen_calls(source, "box")
    assert all(each.receiver != "()" for each in seen_calls(source, "box"))


def test_what_cannot_be_made_again_is_left_out() -> None:
    source = "from m import f\ndef test_a(thing):\n    f(thing)\n    f(*[1])\n    f(**{})\n    f(float('nan'))\n    f(1e999)\n"
    assert seen_calls(source, "m") == ()
    assert seen_calls("def broken(:", "m") == ()


def test_docstrings_show_calls() -> None:
    source = '''
def f(a, b=1):
    """Add.

    >>> f(1)
    2
    f("(", 2) ==> 3
    not_f(9), f(unknown), f(
    """
'''
    assert [each.arguments for each in docstring_calls(source, "m")] == ["(1,)", "('(', 2)"]
    assert docstring_calls("def broken(:", "m") == ()
