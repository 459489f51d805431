"""A seat is told by its endpoint and its model."""

from __future__ import annotations

from bot.llm.seat import Seat
from tests.doubles.scripted_provider import ScriptedProvider


def test_two_endpoints_with_one_model_are_two_authors() -> None:
    seats = [Seat(ScriptedProvider(name), "m:free") for name in ("here", "there")]
    assert [each.author for each in seats] == ["here:m:free", "there:m:free"]
