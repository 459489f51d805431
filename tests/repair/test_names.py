from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("template", "before", "after"),
    [
        ("variable", "return a", "return b"),
        ("variable", "return [x for x in a]", "return [a for x in a]"),
        ("assigned variable", "x = a\ny = b", "y = a\ny = b"),
        ("assigned variable", "a[b] = c\nreturn b[c]", "b[c] = c\nreturn b[c]"),
        ("function", "return max(a)", "return min(a)"),
        ("attribute or method", "return a.upper()", "return a.lower()"),
        ("attribute or method", "return a.left + b.right", "return a.right + b.right"),
        ("attribute of a variable", "a.next\nreturn a", "a.next\nreturn a.next"),
        ("attribute of a variable", "return a.next", "return a"),
    ],
)
def test_examples(made: Callable[[str, str, str], bool], template: str, before: str, after: str) -> None:
    assert made(template, before, after)
