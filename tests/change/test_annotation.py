"""Types as written: what is wider, and what is surely so."""

from __future__ import annotations

import ast

import pytest

from bot.change.annotation import members, only_more, wider


def expr(text: str | None) -> ast.expr | None:
    return None if text is None else ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    ("text", "alternatives"),
    [
        ("int | None", {"int", "None"}),
        ("Optional[int]", {"int", "None"}),
        ("typing.Union[int, str]", {"int", "str"}),
        ("Union[int]", {"Union[int]"}),
        ("'int | str'", {"int", "str"}),
        ("'not a type('", {"not a type("}),
        ("List[int]", {"list[int]"}),
        ("t.Dict[str, Optional[int]]", {"dict[str, None | int]"}),
        ("Callable[[int], str]", {"Callable[[int], str]"}),
        (None, set()),
    ],
)
def test_members(text: str | None, alternatives: set[str]) -> None:
    assert members(expr(text)) == alternatives


@pytest.mark.parametrize(
    ("old", "new", "is_wider", "sure"),
    [
        ("int", "int", False, False),
        ("int", "int | None", True, True),
        ("int | None", "int", False, False),
        ("int", "float", True, False),
        ("int", "Any", True, True),
        ("Any", "int", False, False),
        (None, "int", False, True),
        ("int", None, True, False),
        ("List[int]", "list[int]", False, False),
    ],
)
def test_wider(old: str | None, new: str | None, *, is_wider: bool, sure: bool) -> None:
    assert bool(wider(expr(old), expr(new))) == is_wider
    assert only_more(expr(old), expr(new)) == sure
