"""Suspected bugs that show, that do not, and claims that are never run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.lab import Lab, closed_lab
from bot.spec.showing import Showing, Shown, Suspicion, show

Tree = Callable[[dict[str, str]], Path]
SHOP = {
    "shop/__init__.py": "",
    "shop/cart.py": (
        "def price(n):\n    if n > 3:\n        return n\n    return n * 2\n\n\n"
        "def mean(values):\n    return sum(values) / len(values)\n\n\n"
        "class Cart:\n    def __init__(self, items):\n        self.items = items\n\n"
        "    def first(self):\n        return self.items[1]\n"
    ),
}


def told(lab: Lab, root: Path, *said: tuple[str, str, int]) -> list[Showing]:
    return list(show([Suspicion(call, expected, "shop/cart.py", line) for call, expected, line in said], root, lab))


def test_what_is_wrong_shows_and_what_is_right_does_not(lab: Lab, tree: Tree) -> None:
    root = tree(SHOP)
    before = {each: each.read_bytes() for each in root.rglob("*") if each.is_file()}
    found = told(
        lab,
        root,
        ("price(4)", "8", 3),
        ("price(2)", "4", 4),
        ("mean([])", "0", 8),
        ("mean([])", "raises ValueError", 8),
        ("mean([])", "raises ZeroDivisionError", 8),
        ("Cart([1, 2]).first()", "1", 15),
        ("price(4)", "8", 3),
        ("price(4)", "8", 8),
    )
    outcomes = [each.outcome for each in found]
    shown, not_shown = Shown.SHOWN, Shown.NOT_SHOWN
    assert outcomes == [shown, not_shown, shown, shown, not_shown, shown, shown, not_shown]
    assert "4" in found[0].saw
    assert "ZeroDivisionError" in found[2].saw
    assert found[7].saw == "the call does not run the suspected code"
    assert {each: each.read_bytes() for each in root.rglob("*") if each.is_file()} == before


@pytest.mark.parametrize(
    ("call", "expected", "why"),
    [
        ("price(", "8", "no call"),
        ("price(4)", "", "nothing was named"),
        ("price(4)", "raises a tantrum", "no call"),
        ("len([])", "0", "calls nothing"),
        ("nothing(4)", "8", "not defined"),
        ("price(open('/etc/passwd').read())", "8", "may not"),
        ("price.__globals__", "8", "private name"),
        ("price(4)", "__import__('os').system('true')", "uses"),
    ],
)
def test_what_may_not_run_is_not_run(tree: Tree, lab: Lab, call: str, expected: str, why: str) -> None:
    (found,) = told(lab, tree(SHOP), (call, expected, 3))
    assert found.outcome is Shown.NOT_RUN
    assert why in found.saw


def test_where_nothing_may_run_nothing_is_shown(tree: Tree) -> None:
    (found,) = told(closed_lab(), tree(SHOP), ("price(4)", "8", 3))
    assert found == replace(found, outcome=Shown.NOT_RUN)
    assert "pawl doctor" in found.saw
