"""A record answers what the gates said, and what differed."""

from __future__ import annotations

from dataclasses import replace

from bot.evidence.record import Difference, Record
from bot.history import History


def test_gates_by_name_and_differences_as_data(record: Record) -> None:
    assert record.gate("nosuch") is None
    assert record.differences == (Difference("merge([(1, 3), (3, 5)])", "[(1, 3), (3, 5)]", "[(1, 5)]", asked_for=True),)
    bare = replace(record, history=History())
    assert bare.gate("tests") is None
    assert bare.differences == ()
