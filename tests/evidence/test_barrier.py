"""The one thing that stands most in the way."""

from __future__ import annotations

from bot.evidence.barrier import barrier
from bot.evidence.record import Record


def test_the_barrier_is_the_first_red_gate(record: Record) -> None:
    assert barrier(record) == "lint: 1 finding"
