from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("template", "before", "after"),
    [
        ("dropped argument", "return g(a, b)", "return g(a)"),
        ("dropped argument", "return g(a, key=b)", "return g(a)"),
        ("dropped argument", "return a.pop(0)", "return a.pop()"),
        ("swapped arguments", "return g(a, b)", "return g(b, a)"),
        ("swapped arguments", "return a.g(b)", "return b.g(a)"),
        ("added argument", "return g(a)", "return g(a, b)"),
        ("added argument", "return g(a)", "return g(b, a)"),
        ("call taken off", "return g(a)", "return a"),
        ("call taken off", "return a.g()", "return a"),
        ("call put around", "return a", "return abs(a)"),
        ("call put around", "x = []\nreturn x", "x = []\nreturn sorted(x)"),
        ("call put around", "x = a + ''\nreturn x", "x = a + ''\nreturn x.lower()"),
        ("call put around", "return a < b", "return not a < b"),
        ("both sides of a comparison", "return a == b", "return sorted(a) == sorted(b)"),
        ("keyword argument", "return sorted(a)", "return sorted(a, reverse=True)"),
        ("keyword argument", "return max(a)", "return max(a, key=len)"),
        ("keyword argument", "return a.get(b)", "return a.get(b, 0)"),
        ("keyword argument", "return enumerate(a)", "return enumerate(a, start=1)"),
        ("keyword argument", "return zip(a, b)", "return zip(a, b, strict=True)"),
        ("keyword argument", "return min(a)", "return min(a, default=0)"),
        ("range", "return range(a)", "return range(1, a + 1)"),
        ("range", "return range(a, b)", "return range(a, b, -1)"),
        ("range", "return range(a)", "return range(a - 1, -1, -1)"),
        ("recursive call", "return a", "return f(a, b, c)"),
        ("recursive argument", "return f(a, b, c)", "return f(a - 1, b, c)"),
        ("recursive argument", "return f(a, b, c)", "return f(a, b[1:], c)"),
    ],
)
def test_examples(made: Callable[[str, str, str], bool], template: str, before: str, after: str) -> None:
    assert made(template, before, after)
