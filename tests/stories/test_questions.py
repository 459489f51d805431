"""Questions from a laptop, answered by models of both vendors: what holds is shown, inventions are not, bugs are run, mended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.doubles.models.double import ModelDouble
from tests.doubles.models.wire import Say
from tests.stories.conftest import Pawl

CITED = {"path": "rooms/bookings.py", "first": 14, "last": 14, "quote": "if merged and start < merged[-1][1]:"}
MADE_UP = {**CITED, "quote": "if merged and start <= merged[-1][1]:"}
BUG = {
    "path": "rooms/bookings.py",
    "line": 14,
    "quote": "if merged and start < merged[-1][1]:",
    "what": "Spans that touch are not joined, though the docstring of merge says so.",
    "call": "merge([(9, 11), (11, 12)])",
    "expected": "[(9, 12)]",
}
RIGHT = {**BUG, "quote": "if at < closes:", "call": "free([])", "expected": "[(8, 18)]", "what": "The last gap is lost."}


def env(models: ModelDouble, *vendors: str) -> dict[str, Any]:
    return dict(models.environment(*vendors))


def paragraph(text: str, *citations: dict[str, Any]) -> dict[str, Any]:
    return {"text": text, "citations": list(citations)}


@pytest.mark.parametrize("vendor", ["openai", "anthropic"])
def test_a_question_is_answered_after_a_look_at_the_code(pawl: Pawl, models: ModelDouble, project: Path, vendor: str) -> None:
    look = Say(calls=(("read_file", {"path": "rooms/bookings.py", "first": 12, "last": 16}),))
    away = Say(calls=(("read_file", {"path": "../../etc/passwd", "first": 1, "last": 2}),))
    models.script("reader", look, away, {"paragraphs": [paragraph("Touching spans stay apart.", CITED, MADE_UP)]})
    said = pawl("ask", "When are two bookings merged?", "--repo", project, "--json", **env(models, vendor))
    assert said.code == 0, said.err
    (found,) = said.json["paragraphs"]
    assert found["citations"] == [{**CITED, "quote": "        if merged and start < merged[-1][1]:"}]
    assert [each["quote"] for each in said.json["dropped"]] == [MADE_UP["quote"]]
    assert said.json["author"].startswith(f"{vendor}:")
    assert said.json["usage"]["calls"] == 3
    asked = models.asked("reader")
    assert len(asked) == 3
    assert "root:" not in models.sent
    assert "cannot be read" in asked[2].text


def test_what_people_see_can_be_clicked(pawl: Pawl, models: ModelDouble, project: Path) -> None:
    models.script("reader", {"paragraphs": [paragraph("Touching spans stay apart.", CITED), paragraph("Perhaps.")]})
    said = pawl("ask", "When are two bookings merged?", "--repo", project, **env(models, "openai"))
    assert said.code == 0, said.err
    assert "Touching spans stay apart.\n  rooms/bookings.py:14\n" in said.out
    assert "Perhaps.\n  not backed by the code\n" in said.out


def test_an_answer_of_inventions_is_refused(pawl: Pawl, models: ModelDouble, project: Path) -> None:
    models.script("reader", {"paragraphs": [paragraph("They are merged.", MADE_UP)]})
    said = pawl("explain", "merge", "--repo", project, "--json", **env(models, "anthropic"))
    assert said.code == 1
    assert "is backed by the code" in said.json["reason"]
    assert said.json["paragraphs"] == []


def test_a_bug_that_shows_is_mended_by_its_id(pawl: Pawl, models: ModelDouble, project: Path) -> None:
    models.script("reader", {"bugs": [RIGHT, BUG]})
    said = pawl("debug", "rooms", "--repo", project, "--json", **env(models))
    assert said.code == 0, said.err
    shown, refuted = said.json["bugs"]
    assert (shown["shown"], refuted["shown"]) == ("shown", "not shown")
    assert "[(9, 11), (11, 12)]" in shown["saw"]
    mended = pawl("run", f"fix {shown['id']}", "--repo", project, "--json")
    assert mended.code in {0, 3}, mended.err
    assert "+        if merged and start <= merged[-1][1]:" in mended.json["change"]["diff"]


def test_what_cannot_be_asked_is_told(pawl: Pawl, models: ModelDouble, project: Path) -> None:
    there = env(models, "openai")
    assert pawl("ask", "why?", "--repo", project).code == 1
    assert pawl("ask", "  ", "--repo", project, **there).code == 2
    gone = pawl("debug", "rooms/gone.py", "--repo", project, **there)
    assert (gone.code, "there is no file or folder 'rooms/gone.py'" in gone.err) == (2, True)
    unknown = pawl("run", "fix bug:ffffffff", "--repo", project)
    assert (unknown.code, "no bug:ffffffff was reported" in unknown.err) == (2, True)
