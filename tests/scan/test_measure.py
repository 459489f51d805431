"""How complicated functions are."""

from __future__ import annotations

import ast

import pytest

from bot.scan.measure import class_bases, cyclomatic, inheritance, measure


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("pass", 1),
        ("if a: pass", 2),
        ("if a: pass\n elif b: pass\n else: pass", 3),
        ("while a and b and c: pass", 2),
        ("for x in y: pass", 2),
        ("return a if b else c", 1),
        ("return [x for x in y if x if x > 1]", 1),
        ("try: pass\n except A: pass\n except B: pass", 3),
        ("match a:\n  case 1: pass\n  case _: pass", 3),
        ("def inner():\n  if a: pass", 1),
    ],
)
def test_cyclomatic(body: str, count: int) -> None:
    node = ast.parse(f"def f():\n {body}\n").body[0]
    assert isinstance(node, ast.FunctionDef)
    assert cyclomatic(node) == count


def test_lines_leave_out_decorators_and_docstrings() -> None:
    found = measure('@a\n@b\ndef f():\n    """One\n\n    two.\n    """\n    return 1\n')
    assert (found["f"].lines, found["f"].documented, found["f"].public) == (2, True, True)
    assert measure("def (") == {}


def test_inheritance() -> None:
    bases = class_bases(["class A: pass\nclass B(A): pass\n", "class C(m.B, Generic[T]): pass\nclass D(C()): pass\n", "x = 1"])
    assert [inheritance(name, bases) for name in "ABCDX"] == [1, 2, 3, 1, 0]
    assert inheritance("A", {"A": ("B",), "B": ("A",)}) == 2
