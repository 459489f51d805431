from __future__ import annotations

import ast

import pytest

from bot.repair.kinds import compatible, kinds_of
from bot.repair.source import FunctionNode

SOURCE = """
def f(a: int, names: list[str], q, z):
    total = 0
    seen = set()
    found = []
    found.append("x")
    table: dict = {}
    half = total / 2
    for at, name in enumerate(names):
        text = name + "!"
    for letter in text:
        pass
    one, two = 1, "two"
    best = max(names)
    most = max(1, 2)
    (count := len(names))
    total += 1
    last = found.pop()
    part = names[1:]
    nothing = not a
    either = 1 if a else 2
    shown = f"{a}"
    words = text.split()
    mixed = "%d" % a
    deep = sorted(names)
"""


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(("a", "int"), ("names", "list"), ("q", "tuple"), ("z", ""), ("total", "int"), ("seen", "set"), ("found", "list")),
        *(("table", "dict"), ("half", "float"), ("at", "int"), ("name", "str"), ("text", "str"), ("letter", "str")),
        *(("one", "int"), ("two", "str"), ("best", "str"), ("most", "int"), ("count", "int"), ("last", "str"), ("part", "list")),
        *(("nothing", "bool"), ("either", "int"), ("shown", "str"), ("words", "list"), ("mixed", "str"), ("deep", "list")),
    ],
)
def test_kinds_of_names(name: str, kind: str) -> None:
    function = ast.parse(SOURCE).body[0]
    assert isinstance(function, FunctionNode)
    assert kinds_of(function, {"q": ("tuple", "int")}).of.get(name, "") == kind


def test_no_function_no_knowledge() -> None:
    assert kinds_of(None, {}).of == {}
    assert kinds_of(None, {}).kind(None) == ""


def test_how_well_kinds_stand_in_for_each_other() -> None:
    assert compatible("int", "int") == 1.0
    assert compatible("", "int") > compatible("list", "str") > compatible("int", "str")
    assert compatible("int", "float") > compatible("", "")
