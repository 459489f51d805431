"""Numbers in words."""

from __future__ import annotations

import pytest

from bot.change.counted import counted


@pytest.mark.parametrize(
    ("number", "thing", "things", "said"),
    [(0, "file", "", "0 files"), (1, "file", "", "1 file"), (2, "file", "", "2 files"), (3, "oddity", "oddities", "3 oddities")],
)
def test_one_thing_is_one_and_all_else_are_many(number: int, thing: str, things: str, said: str) -> None:
    assert counted(number, thing, things) == said
