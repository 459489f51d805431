"""Types that got weaker."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.change.diff import compare
from bot.scan.weakened import typed_throughout, weakened

CAST = "from typing import cast\nimport typing\n"


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ("def f(a: int) -> str: ...", "def f(a: int) -> str: return ''", []),
        ("def f(a: int) -> str: ...", "def f(a) -> str: ...", ["annotation-removed"]),
        ("def f(a: int) -> str: ...", "def f(a: int): ...", ["annotation-removed"]),
        ("def f(a: int) -> str: ...", "def f(a: Any) -> str: ...", ["any-introduced"]),
        ("def f(a: list[int]): ...", "def f(a: list[typing.Any]): ...", ["any-introduced"]),
        ("def f(a: Any): ...", "def f(a: list[Any]): ...", []),
        ("def f(a: int): ...", "def g(a): ...", []),
        ("x: int = 1", "x = 1", ["annotation-removed"]),
        ("class A:\n x: int = 1", "class A:\n x: Any = 1", ["any-introduced"]),
        ("x = 1", "x = f()  # type: ignore[x]", ["type-ignore"]),
        ("x = 1  # type: ignore", "x = 2  # type: ignore", []),
        ("x = 1", "x = '# type: ignore'", []),
        ("x = 1", "# mypy: ignore-errors\nx = 1", ["type-ignore"]),
        (CAST + "x = f()", CAST + "x = cast(int, f())", ["cast-added"]),
        (CAST + "x = f()", CAST + "x = typing.cast(int, f())", ["cast-added"]),
        ("x = f()", "x = cast(int, f())", []),
        (CAST + "x = cast(int, f())", CAST + "x = cast(str, f())", []),
        ("def f(): ...", "@typing.no_type_check\ndef f(): ...", ["no-type-check"]),
        ("def f(: ...", "x = 1", []),
    ],
)
def test_weakened(old: str, new: str, rules: list[str]) -> None:
    assert [each.rule for each in weakened(compare("a.py", old, new), old, new)] == rules


SOURCES = st.lists(
    st.sampled_from(["x: int = 1", "def f(a: int) -> str: ...", "y = cast(1, 2)  # type: ignore", "class A:\n  z: Any"]),
    max_size=4,
)


@given(SOURCES.map("\n".join))
def test_the_same_text_is_not_weaker(source: str) -> None:
    assert weakened(compare("a.py", source, source), source, source) == ()


def test_typed_throughout() -> None:
    assert typed_throughout("def f() -> int: ...\nclass A:\n def g(self, x: int): ...")
    assert not typed_throughout("def f() -> int: ...\ndef g(x): ...")
    assert not typed_throughout("x = 1")
    assert not typed_throughout("(")
