from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("template", "before", "after"),
    [
        ("number", "return a + 1", "return a + 2"),
        ("number", "return 3", "return -1"),
        ("number", "return 1.5", "return 1.6"),
        ("number", "return 100", "return 10"),
        ("number", "return a ** 2", "return a ** -2"),
        ("truth value", "return True", "return False"),
        ("truth value", "return None", "return []"),
        ("truth value", "return None", "return a"),
        ("truth value", "return 0", "return None"),
        ("off by one", "return a[b]", "return a[b + 1]"),
        ("off by one", "return range(a)", "return range(a - 1)"),
        ("initial value", "x = 0\nreturn x", "x = a[0]\nreturn x"),
        ("initial value", "x = 0\nreturn x", "x = float('-inf')\nreturn x"),
        ("initial value", "x = []\nreturn x", "x = b\nreturn x"),
    ],
)
def test_examples(made: Callable[[str, str, str], bool], template: str, before: str, after: str) -> None:
    assert made(template, before, after)
