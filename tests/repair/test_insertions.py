from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("template", "before", "after"),
    [
        ("early return", "return a", "if not a:\n    return []\nreturn a"),
        ("statement from the function", "a = 1\nb = 2", "a = 1\nb = 2\na = 1"),
        ("forgotten update", "x = 0\nwhile a:\n    b = 1", "x = 0\nwhile a:\n    b = 1\n    x += 1"),
        ("forgotten update", "x = []\nb = 1", "x = []\nb = 1\nx.append(b)"),
        ("forgotten update", "x = set()\nb = 1", "x = set()\nb = 1\nx.add(a)"),
        ("forgotten update", "x = ''\nb = 1", "x = ''\nb = 1\nx += a"),
        ("forgotten update", "for x in a:\n    b = x", "for x in a:\n    b = x\n    x = b"),
        ("forgotten return", "x = 1", "x = 1\nreturn x"),
        ("forgotten else", "if a:\n    b = 1\nc = 2", "if a:\n    b = 1\nelse:\n    c = 2\nc = 2"),
        (
            "forgotten else",
            "x = 0\ny = 0\nif a:\n    x += 1\nreturn x, y",
            "x = 0\ny = 0\nif a:\n    x += 1\nelse:\n    y += 1\nreturn x, y",
        ),
        (
            "forgotten else",
            "for x in a:\n    if b:\n        c = 1",
            "for x in a:\n    if b:\n        c = 1\n    else:\n        break",
        ),
        ("statement made conditional", "if b > c:\n    pass\na += b", "if b > c:\n    pass\nif b > c:\n    a += b"),
    ],
)
def test_examples(made: Callable[[str, str, str], bool], template: str, before: str, after: str) -> None:
    assert made(template, before, after)
