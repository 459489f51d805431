from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("template", "before", "after"),
    [
        (
            "condition from the function",
            "if a > b:\n    return 1\nif c:\n    return 2",
            "if a > b and c:\n    return 1\nif c:\n    return 2",
        ),
        (
            "condition from the function",
            "if a > b:\n    return 1\nif c:\n    return 2",
            "if a > b:\n    return 1\nif a > b:\n    return 2",
        ),
        ("one more condition", "if a:\n    return 1", "if a and not b:\n    return 1"),
        ("one more condition", "while a:\n    pass", "while a or b == c:\n    pass"),
        ("another condition", "if a:\n    return 1", "if b < c:\n    return 1"),
        ("fixed condition", "if a:\n    return 1", "if True:\n    return 1"),
        ("compared value", "return a < b", "return a < b + c"),
    ],
)
def test_examples(made: Callable[[str, str, str], bool], template: str, before: str, after: str) -> None:
    assert made(template, before, after)
