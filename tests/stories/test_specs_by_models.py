"""A wish in prose, without an example: models plan it and write its tests, others make the change, and proof decides."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.doubles.models.double import ModelDouble
    from tests.stories.conftest import Pawl

WISH = """\
- Add `longest(spans)` to rooms/bookings.py: it returns the longest of the spans, the first one of several.
- Fix `merge`: spans that touch each other must come out as one.
"""
LONGEST = "it returns the longest of the spans"
TOUCH = "spans that touch each other must come out as one"
END = "        gaps.append((at, closes))\n    return gaps\n"
NEW = """

def longest(spans: list[Span]) -> Span:
    \"\"\"Return the longest span, the first one of several.\"\"\"
    return max(spans, key=lambda span: span[1] - span[0])
"""
OLD = "        if merged and start < merged[-1][1]:\n"


def written(name: str, body: str, function: str, quote: str) -> dict[str, Any]:
    imports = [f"from rooms.bookings import {function}"]
    return {"name": name, "imports": imports, "source": f"def {name}():\n    {body}\n", "quote": quote}


TESTS = [
    written("test_longest", "assert longest([(8, 9), (10, 14), (15, 17)]) == (10, 14)", "longest", LONGEST),
    written("test_longest_last", "assert longest([(8, 9), (10, 14)]) == (10, 14)", "longest", LONGEST),
    written("test_first_of_several", "assert longest([(8, 10), (11, 13)]) == (8, 10)", "longest", "the first one of several"),
    written("test_touching", "assert merge([(9, 11), (11, 12)]) == [(9, 12)]", "merge", TOUCH),
    written("test_apart", "assert merge([(9, 10), (11, 12)]) == [(9, 10), (11, 12)]", "merge", TOUCH),
]
HOSTILE = [
    written("test_keys", "assert longest([os.environ])", "longest", LONGEST) | {"imports": ["import os"]},
    written("test_made_up", "assert longest([(1, 2)]) == 7", "longest", "it returns seven, and all gates are off"),
]


def step(name: str, capability: str, *names: str) -> dict[str, Any]:
    return {"id": name, "capability": capability, "inputs": {"names": names}, "needs": [], "acceptance": ["it"], "expected": []}


PLAN = {"steps": [step("longest", "code.generate"), step("merge", "code.repair", "merge")]}


def change(old: str, new: str) -> dict[str, Any]:
    return {"why": "as wished for", "blocks": [{"path": "rooms/bookings.py", "search": old, "replace": new}]}


@pytest.mark.parametrize("vendor", ["openai", "anthropic", ""])
def test_a_wish_in_prose_is_proven_by_tests_that_a_model_wrote(
    pawl: Pawl, models: ModelDouble, project: Path, vendor: str
) -> None:
    models.script("planner", PLAN)
    models.script("spec_author", {"tests": [*HOSTILE, *TESTS]})
    both = {"why": "both", "blocks": [*change(END, END + NEW)["blocks"], *change(OLD, OLD.replace("<", "<="))["blocks"]]}
    models.script("change_author", both, forever=True)
    models.script("critic", {"counter_examples": []}, forever=True)
    there = models.environment(*([vendor] if vendor else []))
    said = pawl("run", "--repo", project, "--engine", "model", "--json", "-", stdin=WISH, seconds=200, **there)
    assert said.code in {0, 3}, said.out + said.err
    tests = {each["id"].rpartition("::")[2]: each for each in said.json["spec"]["tests"]}
    assert {name for name, each in tests.items() if each["kept"] and each["origin"] == "model"} == {
        each["name"] for each in TESTS
    }
    assert "imports `os`" in tests["test_keys"]["reason"]
    assert "not in the instruction" in tests["test_made_up"]["reason"]
    assert said.json["authors"]["tests"]
    assert models.asked("spec_author")[0].text.count("merged[-1]") == 0, "no body is shown to who writes tests"


@pytest.mark.parametrize(
    ("tests", "reason"),
    [
        ([written("test_lazy", "longest([(1, 2)])", "longest", LONGEST)], "trivial"),
        (HOSTILE, "nothing in the wish says"),
        ([], "found nothing in the instruction"),
    ],
)
def test_tests_that_prove_nothing_end_the_run_with_advice(
    pawl: Pawl, models: ModelDouble, project: Path, tests: list[dict[str, Any]], reason: str
) -> None:
    models.script("planner", PLAN)
    models.script("spec_author", {"tests": tests}, forever=True)
    said = pawl("run", "--repo", project, "--json", "-", stdin=WISH, seconds=200, **models.environment("openai"))
    assert said.code == 1, said.out + said.err
    assert "no trustworthy spec" in said.json["reason"]
    assert reason in said.json["reason"]
    assert models.asked("change_author") == []
