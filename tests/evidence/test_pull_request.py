"""The pull request's words: every part of the proof has its section, and hostile text stays text."""

from __future__ import annotations

from dataclasses import replace

from bot.evidence.markdown import MOST
from bot.evidence.pull_request import body, title
from bot.evidence.record import Record
from bot.history import History


def test_the_title_names_the_area_and_the_outcome(record: Record) -> None:
    assert title(record) == "[cart] line 3 of cart.py: `<=` instead of `<`"


def test_every_section_is_there(record: Record) -> None:
    headings = [line[3:] for line in body(record).splitlines() if line.startswith("## ")]
    assert headings == [
        "Problem",
        "Solution",
        "Risk and rollback",
        "Spec",
        "Gates",
        "Behaviour differences",
        "Alternatives",
        "Plan",
        "Still needed",
        "Evidence",
    ]


def test_a_huge_change_still_fits(record: Record) -> None:
    checked = record.history.checked
    assert checked is not None
    long = replace(checked.gates[4], findings=checked.gates[4].findings * 30, summary="x" * 70_000)
    huge = replace(record, history=replace(record.history, checked=replace(checked, gates=(long,) * 400)))
    assert len(body(huge)) <= MOST


def test_a_run_without_a_change_says_so(record: Record) -> None:
    bare = replace(record, history=History())
    assert body(bare).startswith("**Not proven.**")
    assert title(bare).startswith("[repository] ")
