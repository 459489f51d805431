"""Before and after, side by side."""

from __future__ import annotations

from dataclasses import replace

from bot.evidence.comparison import compared
from bot.evidence.record import Record
from bot.evidence.report import render

BEFORE = {
    "inventory": {"python_files": 1, "lines": 10, "functions": 2},
    "tests": {"outcomes": {"passed": 3, "failed": 1}, "failing": ["t"]},
    "coverage": {"statements": 10, "run": 9, "share": 0.9},
    "complexity": {"functions": 1, "worst_cyclomatic": 3, "mean_cyclomatic": 3.0, "longest": 9},
    "types": {"not_measured": "static_types: mypy finds nothing new"},
    "vulnerabilities": {"known_vulnerabilities": [], "asked_about": ["a"]},
}
AFTER = {**BEFORE, "tests": {"outcomes": {"passed": 4}, "failing": []}, "types": {"findings": 0}, "coverage": {"share": "odd"}}


def test_each_measure_in_words(record: Record) -> None:
    rows = {each.what: each for each in compared(replace(record, snapshot={"before": BEFORE, "after": AFTER}))}
    assert (rows["tests"].before, rows["tests"].after) == ("1 of 4 tests fails", "4 tests, none fails")
    assert (rows["inventory"].before, rows["inventory"].moved) == ("1 file, 10 lines, 2 functions", False)
    assert (rows["coverage"].before, rows["coverage"].after) == ("90.0% of 10 statements", "not measured")
    assert rows["complexity"].after == "worst 3, mean 3 in 1 touched function"
    assert (rows["types"].before, rows["types"].after) == ("not measured", "0 findings")
    assert rows["vulnerabilities"].after == "none known in 1 new package"


def test_what_was_not_measured_has_no_table(record: Record) -> None:
    assert compared(record) == ()
    assert "Before and after" not in render(record)
    assert "Before and after" in render(replace(record, snapshot={"before": BEFORE, "after": AFTER}))
