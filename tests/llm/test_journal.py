"""What is journalled of a call names who was asked as an answer names its author."""

from __future__ import annotations

from bot.llm.asking import Duty, Usage
from bot.llm.journal import Call
from bot.llm.seat import Seat
from tests.doubles.scripted_provider import ScriptedProvider


def test_a_call_names_the_author_of_its_seat() -> None:
    seat = Seat(ScriptedProvider("local"), "qwen:7b")
    assert Call(Duty.CRITIC, seat.provider.name, seat.model, Usage(), 1.0, "answered").author == seat.author
