from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("template", "before", "after"),
    [
        ("subscript or slice", "return a[b]", "return a[-1]"),
        ("subscript or slice", "return a[b]", "return a"),
        ("subscript or slice", "return a[b:c]", "return a[b:c + 1]"),
        ("subscript or slice", "return a[b:]", "return a[b + 1:]"),
        ("subscript or slice", "return a[:b:2]", "return a[:b]"),
        ("part of a sequence", "return a", "return a[1:]"),
        ("part of a sequence", "return [x for x in a]", "return [x for x in a][:-1]"),
        ("part of a sequence", "return a", "return a[b:]"),
        ("order of elements", "return (a, b)", "return (b, a)"),
        ("order of elements", "return [a, b]", "return [a]"),
        ("order of elements", "return [a, b]", "return [b]"),
        ("filter of a comprehension", "return [x for x in a]", "return [x for x in a if x in b]"),
        ("filter of a comprehension", "return [x for x in a if x]", "return [x for x in a]"),
        ("filter of a comprehension", "return [y for x in a for y in x]", "return a"),
        ("filter of a comprehension", "return [y for x in a if x for y in x.b]", "return [x for x in a if x]"),
        ("filter of a comprehension", "return {z for x in a for y in x for z in y}", "return {y for x in a for y in x}"),
        ("missing term", "return a", "return a + b"),
        ("missing term", "x = []\nreturn x", "x = []\nreturn x + [a]"),
        ("missing factor", "return a", "return a / 2"),
        ("missing factor", "return a * b", "return (a * b) ** 2"),
        ("extreme so far", "x = 0\nx = a\nreturn x", "x = 0\nx = max(x, a)\nreturn x"),
        ("branches of a choice", "return a if b else c", "return c if b else a"),
        ("branches of a choice", "return a if b else c", "return a"),
        ("element of a sequence", "x = len(b)\nreturn c", "x = len(b)\nreturn a[x]"),
        ("donor expression", "x = a + b\nreturn c", "x = a + b\nreturn a + b"),
    ],
)
def test_examples(made: Callable[[str, str, str], bool], template: str, before: str, after: str) -> None:
    assert made(template, before, after)
