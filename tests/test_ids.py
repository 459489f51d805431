"""Run ids are sortable by time of birth."""

from __future__ import annotations

import time

from bot.ids import new_run_id


def test_ids_have_a_fixed_length_and_sort_by_birth() -> None:
    first = new_run_id()
    time.sleep(0.002)
    second = new_run_id()
    assert len(first) == len(second) == 26
    assert first < second
