from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("template", "before", "after"),
    [
        ("comparison operator", "return a < b", "return a <= b"),
        ("comparison operator", "return a < b < c", "return a < b <= c"),
        ("comparison operator", "return a in b", "return a not in b"),
        ("comparison operands", "return a in b", "return b in a"),
        ("comparison operands", "return a < b < c", "return b < c"),
        ("arithmetic operator", "return a + b", "return a - b"),
        ("arithmetic operator", "return (a + b) * c", "return (a - b) * c"),
        ("arithmetic operator", "x = set()\nreturn x & x", "x = set()\nreturn x | x"),
        ("operator precedence", "return a + b * c", "return (a + b) * c"),
        ("operator precedence", "return (a + b) * c", "return a + b * c"),
        ("swapped operands", "return a - b", "return b - a"),
        ("dropped operand", "return a + b", "return a"),
        ("dropped operand", "return a + b", "return b"),
        ("boolean operator", "return a and b", "return a or b"),
        ("boolean operator", "return a and b and c", "return a or b and c"),
        ("dropped condition", "return a and b and c", "return a and c"),
        ("negated condition", "if a:\n    return b", "if not a:\n    return b"),
        ("negated condition", "return not a", "return a"),
        ("negated condition", "if a or b:\n    return c", "if not (a or b):\n    return c"),
        ("sign", "return a", "return -a"),
        ("sign", "return -a", "return a"),
        ("assignment operator", "a += b", "a -= b"),
        ("assignment operator", "a += b", "a = b"),
        ("assignment operator", "a = b", "a += b"),
    ],
)
def test_examples(made: Callable[[str, str, str], bool], template: str, before: str, after: str) -> None:
    assert made(template, before, after)
