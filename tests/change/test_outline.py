"""The outline of a file: which definition a line lies in, and whether code is the same but for its looks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.change.diff import compare
from bot.change.outline import bare, definitions, functions, module_name, parse, touched, touched_lines

SOURCE = '''"""Doc."""
import os

@decorator
def outer(a):
    """Doc."""
    def inner():
        return a
    return inner

class Thing:
    size = 1
    if os.name:
        def method(self):
            pass
    match size:
        case 1:
            def odd(self): ...
'''


def test_definitions() -> None:
    tree = parse(SOURCE)
    assert tree is not None
    assert [(each.name, each.first) for each in definitions(tree)] == [
        ("outer", 4),
        ("outer.inner", 7),
        ("Thing", 11),
        ("Thing.method", 14),
        ("Thing.odd", 18),
    ]
    assert "Thing" not in functions(tree)


def test_touched_is_the_innermost() -> None:
    assert touched(SOURCE, frozenset({2, 4, 8, 9, 12, 15})) == ("", "outer", "outer.inner", "Thing", "Thing.method")
    assert touched("def f(:", frozenset({1})) == ()


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("a\nb\nc\n", "a\nX\nc\n", {2}),
        ("a\nb\nc\n", "a\nc\n", {1, 2}),
        ("a\nb\nc\n", "a\nb\n", {2}),
        ("a\nb\nc", "a\nb\nd", {3}),
        ("a\nb\n", "b\n", {1}),
        ("a\n", "", {1}),
        ("a\n", "a\nb\n", {2}),
    ],
)
def test_touched_lines(old: str, new: str, lines: set[int]) -> None:
    assert touched_lines(compare("a", old, new)) == lines


def test_bare_code_leaves_out_looks() -> None:
    assert bare("def f(a):\n    '''doc'''\n    return a  # why\n") == bare("def f( a ):\n\n    return (a)\n")
    assert bare("x = 1") != bare("x = 2")
    assert bare("def f():\n    'only a doc'\n") == bare("def f():\n    pass\n")
    assert bare("x = (") is None


@given(st.text(max_size=30))
def test_parse_never_raises(text: str) -> None:
    parse(text)


def test_too_deep_is_no_python() -> None:
    assert parse("(" * 10_000 + ")" * 10_000) is None


@pytest.mark.parametrize(
    ("path", "packages", "name"),
    [
        ("a.py", (), "a"),
        ("src.py", (), "src"),
        ("pkg/a.py", (), "pkg.a"),
        ("src/pkg/a.py", (), "pkg.a"),
        ("lib/x/y.py", (), "x.y"),
        ("pkg/__init__.py", (), "pkg"),
        ("src/pkg/__init__.py", (), "pkg"),
        ("__init__.py", (), "__init__"),
        ("pkg/a.py", ("pkg",), "pkg.a"),
        ("lib/a.py", ("lib",), "lib.a"),
        ("src/pkg/sub/a.py", ("src/pkg", "src/pkg/sub"), "pkg.sub.a"),
        ("deep/er/pkg/a.py", ("deep/er/pkg",), "pkg.a"),
        ("src/a.py", (), "a"),
        ("app/a.py", (), "app.a"),
        ("pkg/__init__.py", ("pkg",), "pkg"),
    ],
)
def test_module_name(path: str, packages: tuple[str, ...], name: str) -> None:
    assert module_name(path, packages) == name
