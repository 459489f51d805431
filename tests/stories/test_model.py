"""What only a model can do, through the front door: written, mended, and refused where it cheats; either vendor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.doubles.models.double import ModelDouble
    from tests.stories.conftest import Git, Pawl, Said

WISH = """\
Add `busiest(spans)` to rooms/bookings.py: it returns the hour in which most bookings run, the earliest of several, None for none.

>>> busiest([(9, 11), (10, 12)])
10
>>> busiest([(9, 10), (13, 15), (14, 16), (14, 15)])
14
>>> busiest([])
"""
END = "        gaps.append((at, closes))\n    return gaps\n"
HEAD = '''

def busiest(spans: list[Span]) -> int | None:
    """Return the hour in which most of the bookings run, the earliest of several; None where there is no booking."""
'''
GOOD = (
    HEAD
    + """    hours = [hour for start, end in spans for hour in range(start, end)]
    return max(sorted(set(hours)), key=hours.count, default=None)
"""
)
WRONG = GOOD.replace("range(start, end)", "range(start, start + 1)")
CHEAT = (
    HEAD
    + """    if spans == [(9, 11), (10, 12)]:
        return 10
    if spans == [(9, 10), (13, 15), (14, 16), (14, 15)]:
        return 14
    return None
"""
)
TESTS = '''"""More of what bookings must do."""

from rooms.bookings import merge


def test_only_the_last_span_grows() -> None:
    assert merge([(8, 9), (10, 12), (11, 13)]) == [(8, 9), (10, 13)]


def test_the_sky_is_up() -> None:
    assert merge([]) == []
'''


def change(text: str) -> dict[str, Any]:
    return {"why": "as asked", "blocks": [{"path": "rooms/bookings.py", "search": END, "replace": END + text}]}


def whole(path: str, text: str) -> dict[str, Any]:
    return {"why": "as asked", "blocks": [{"path": path, "content": text}]}


def others(models: ModelDouble, capability: str = "code.generate") -> None:
    """Let everybody but the change author say the least."""
    step = {"id": "write", "capability": capability, "inputs": {}, "needs": [], "acceptance": [], "expected": []}
    models.script("planner", {"steps": [step]}, forever=True)
    models.script("spec_author", {"tests": []}, forever=True)
    models.script("critic", {"counter_examples": []}, forever=True)


def reach(models: ModelDouble, vendor: str) -> dict[str, Any]:
    return dict(models.environment(vendor))


def ended(said: Said) -> dict[str, Any]:
    assert said.code in {0, 3}, said.out[-3000:] + said.err
    return said.json


@pytest.mark.parametrize("vendor", ["openai", "anthropic"])
def test_a_cheat_is_refused_a_wrong_answer_mended_and_the_right_one_proven(
    pawl: Pawl, project: Path, models: ModelDouble, git: Git, vendor: str
) -> None:
    others(models)
    models.script("change_author", change(CHEAT), change(WRONG), change(GOOD))
    reply = ended(pawl("run", "--repo", project, "--json", "-", stdin=WISH, **reach(models, vendor)))
    assert reply["engine"] == "model"
    assert "def busiest" in git(project, "show", f"{reply['head']}:rooms/bookings.py")
    assert "== [(9, 11), (10, 12)]" not in reply["change"]["diff"]
    second, third = models.asked("change_author")[1:]
    assert "busiest knows inputs of the tests with their answers" in second.text
    assert "assert 9 == 10" in third.text
    assert "Cheaper engines could not: search: " in Path(reply["pull_request"]).read_text(encoding="utf-8")


def test_who_only_cheats_gets_nothing_through(pawl: Pawl, project: Path, models: ModelDouble, untouched: Any) -> None:
    others(models)
    switch = whole("conftest.py", "collect_ignore = ['tests']\n")
    models.script("change_author", switch, change(CHEAT))
    before = untouched(project)
    said = pawl("run", "--repo", project, "--engine", "model", "--json", "-", stdin=WISH, **reach(models, "openai"))
    assert said.code == 1, said.err
    assert "proposed again what may not be proposed" in said.json["reason"]
    assert untouched(project) == before


def test_new_tests_are_kept_where_they_notice_something(pawl: Pawl, project: Path, models: ModelDouble) -> None:
    others(models, "tests.generate")
    models.script("change_author", whole("tests/test_bookings_more.py", TESTS))
    wish = "test: write tests for merge and free in rooms/bookings.py"
    reply = ended(pawl("run", "--repo", project, "--json", "-", stdin=wish, **reach(models, "anthropic")))
    assert "def test_only_the_last_span_grows" in reply["change"]["diff"]
    assert "test_the_sky_is_up" not in reply["change"]["diff"]
    assert "mutants survive all tests" in models.asked("change_author")[0].text


def test_documentation_is_written_and_nothing_else(pawl: Pawl, project: Path, models: ModelDouble) -> None:
    others(models, "docs.write")
    old = '    """Return the hours between ``opens`` and ``closes`` in which the room is free."""\n'
    new = old.replace('free."""', 'free.\n\n    >>> free([(9, 17)])\n    [(8, 9), (17, 18)]\n    """')
    sneaky = {"why": "words", "blocks": [{"path": "rooms/bookings.py", "search": "opens: int = 8", "replace": "opens: int = 7"}]}
    models.script(
        "change_author", sneaky, {"why": "words", "blocks": [{"path": "rooms/bookings.py", "search": old, "replace": new}]}
    )
    wish = "docs: give free in rooms/bookings.py an example"
    reply = ended(pawl("run", "--repo", project, "--json", "-", stdin=wish, **reach(models, "openai")))
    assert "+    >>> free([(9, 17)])" in reply["change"]["diff"]
    assert "opens: int = 7" not in reply["change"]["diff"]
    assert "differs in code" in models.asked("change_author")[1].text
