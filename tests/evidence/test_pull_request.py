"""The pull request's words: every part of the proof has its section, and hostile text stays text."""

from __future__ import annotations

from dataclasses import replace

from bot.engine import Attempt
from bot.evidence.markdown import MOST
from bot.evidence.pull_request import body, title
from bot.evidence.record import Record
from bot.gate import GateResult, Verdict
from bot.history import History
from bot.llm.asking import Duty, Usage
from bot.llm.spending import Spending
from tests.evidence.conftest import HOSTILE


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
        "Before and after",
        "Behaviour differences",
        "Counter-examples",
        "Alternatives",
        "Plan",
        "Cost",
        "Still needed",
        "Evidence",
    ]


def test_why_no_cheaper_engine_did_it_is_said(record: Record) -> None:
    changed = record.history.changed
    assert changed is not None
    assert "Cheaper engines" not in body(record)
    tried = (Attempt("search", worked=False, why=f"none of 9 edits {HOSTILE}"), Attempt("`<` is `<=`", worked=False, why="no"))
    told = body(replace(record, history=replace(record.history, changed=replace(changed, engine="model", attempts=tried))))
    line = next(each for each in told.splitlines() if each.startswith("Cheaper engines could not: search: none of 9 edits "))
    assert line.endswith("; so `model`.")
    assert HOSTILE not in line


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


def test_cost_and_authors_are_told(record: Record) -> None:
    assert "No model was asked: 0 tokens, 0 USD." in body(record)
    used = Usage(12_000, 345, 0, 0.125, 2)
    spending = (Spending(Duty.SPEC_AUTHOR, "a:one", used, 1), Spending(Duty.CRITIC, f"b:{HOSTILE}", used, 1))
    text = body(replace(record, spending=spending))
    assert "4 calls to models, 24,690 tokens, 0.25 USD." in text
    assert "| spec author | `a:one` | 2 | 12,000 | 345 | 0.12 USD |" in text
    assert "| tried to refute it | every counter\\-example was run |" in text
    assert "another part in judging" not in text
    assert "| b:" not in text, "a model's name is text, never mark-up"


def test_who_refuted_their_own_change_is_named(record: Record) -> None:
    changed = record.history.changed
    assert changed is not None
    own = replace(record.history, changed=replace(changed, author="a:one"))
    spending = (Spending(Duty.CRITIC, "a:one", Usage(1, 1, 0, None, 1), 1),)
    text = body(replace(record, history=own, spending=spending))
    assert "`a:one` wrote the change and had another part in judging it" in text
    assert "price not known" in text


def test_what_was_tried_to_refute_it_is_told(record: Record) -> None:
    assert "No model named one that could be run." in body(record)
    row = {"call": "merge([])", "raises": "ValueError", "because": HOSTILE, "setup": ["x = 1"], "head": "holds", "ruling": "held"}
    gate = GateResult("critic", Verdict.PASS, "1 of 1", evidence={"challenges": [row, {"call": 1}, HOSTILE]})
    checked = record.history.checked
    assert checked is not None
    history = replace(record.history, checked=replace(checked, gates=(*checked.gates, gate)))
    assert "| `x = 1; merge([])` | `raise ValueError` | not run | holds | held |" in body(replace(record, history=history))
