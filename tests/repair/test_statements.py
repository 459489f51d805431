from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("template", "before", "after"),
    [
        ("deleted statement", "a = 1\nreturn a", "return a"),
        ("deleted statement", "if a:\n    b = 1\nelse:\n    b = 2", "if a:\n    b = 1"),
        ("deleted statement", "for x in a:\n    break", "for x in a:\n    pass"),
        ("condition taken off", "if a:\n    b = 1\n    c = 2\nreturn b", "b = 1\nc = 2\nreturn b"),
        ("condition taken off", "if a:\n    b = 1\nelse:\n    c = 2\nreturn b", "if a:\n    b = 1\nc = 2\nreturn b"),
        ("order of statements", "a = 1\nb = 2\nreturn a", "b = 2\na = 1\nreturn a"),
        ("statement moved out of its block", "for x in a:\n    b = 1\n    return x", "for x in a:\n    b = 1\nreturn x"),
        ("statement moved out of its block", "for x in a:\n    b = 1\n    c = x", "b = 1\nfor x in a:\n    c = x"),
        (
            "statement moved out of its block",
            "for x in a:\n    if x:\n        b = 1\n        return x",
            "for x in a:\n    if x:\n        b = 1\nreturn x",
        ),
        ("statement moved into a block", "for x in a:\n    b = 1\nc = 2", "for x in a:\n    b = 1\n    c = 2"),
        ("return, yield, break", "g(a)", "return g(a)"),
        ("return, yield, break", "yield a", "yield from a"),
        ("return, yield, break", "yield from a", "yield a"),
        ("return, yield, break", "return a", "yield a"),
        ("return, yield, break", "for x in a:\n    break", "for x in a:\n    continue"),
        ("return, yield, break", "for x in a:\n    continue", "for x in a:\n    return x"),
        ("elif", "if a:\n    b = 1\nelif b:\n    c = 1", "if a:\n    b = 1\nif b:\n    c = 1"),
        ("elif", "if a:\n    b = 1\nif b:\n    c = 1", "if a:\n    b = 1\nelif b:\n    c = 1"),
        ("if and while", "if a:\n    b = 1", "while a:\n    b = 1"),
        ("if and while", "while a:\n    b = 1", "if a:\n    b = 1"),
    ],
)
def test_examples(made: Callable[[str, str, str], bool], template: str, before: str, after: str) -> None:
    assert made(template, before, after)
