"""What the reader's model says is held to the files: true citations stay, false ones go, nothing true means no answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.context.shelf import Shelf
from bot.duties.reader import BUGS, MOST_CHARACTERS, MOST_SUSPECTS, PARAGRAPHS, Question, answer, bug_id
from bot.errors import InputError, Refused
from bot.llm.asking import Ask, Duty, NoAnswer, Passage
from bot.llm.citation import Citation
from bot.run import Inquiry
from tests.doubles.scripted_asker import ScriptedAsker

CODE = "def price(n):\n    return n * 2\n\n\ndef mean(values):\n    return sum(values) / len(values)\n"
TRUE = {"path": "shop.py", "first": 2, "last": 2, "quote": "return n * 2"}
FALSE = {"path": "shop.py", "first": 2, "last": 2, "quote": "return n * 3"}
BUG = {
    "path": "shop.py",
    "line": 6,
    "quote": "sum(values) / len(values)",
    "what": "divides by zero",
    "call": "mean([])",
    "expected": "0",
}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    (tmp_path / "shop.py").write_text(CODE)
    (tmp_path / "link.py").symlink_to(tmp_path / "shop.py")
    return Shelf(tmp_path)


def paragraph(text: str, *citations: dict[str, Any]) -> dict[str, Any]:
    return {"text": text, "citations": list(citations)}


def asker(*paragraphs: dict[str, Any]) -> ScriptedAsker:
    return ScriptedAsker({Duty.READER: [{"paragraphs": list(paragraphs)}]})


def finder(*bugs: dict[str, Any]) -> ScriptedAsker:
    return ScriptedAsker({Duty.READER: [{"bugs": list(bugs)}]})


ASK = Question(Inquiry.ASK, "What does price do?", (Passage("file shop.py", CODE),))
DEBUG = Question(Inquiry.DEBUG, "shop.py")


def test_an_answer_comes_with_its_citations_and_who_gave_it(shelf: Shelf) -> None:
    who = asker(paragraph("It doubles.", TRUE))
    found = answer(who, ASK, shelf)
    assert found.paragraphs[0].citations == (Citation("shop.py", 2, 2, "    return n * 2"),)
    assert found.author == "scripted:reader"
    assert found.usage.calls == 1
    (asked,) = who.asked(Duty.READER)
    assert asked.system.startswith("Your duty: reader")
    assert ASK.text not in asked.system
    assert [each.label for each in asked.passages] == ["question", "file shop.py"]
    assert all(each.hostile for each in asked.passages)


def test_a_made_up_citation_is_dropped_and_its_paragraph_known_as_not_backed(shelf: Shelf) -> None:
    found = answer(asker(paragraph("It doubles.", TRUE, FALSE), paragraph("It triples.", FALSE)), ASK, shelf)
    assert [len(each.citations) for each in found.paragraphs] == [1, 0]
    assert [each.citation.quote for each in found.dropped] == ["return n * 3", "return n * 3"]


def test_wrong_lines_are_put_right(shelf: Shelf) -> None:
    found = answer(asker(paragraph("It doubles.", {**TRUE, "first": 40, "last": -2})), ASK, shelf)
    assert found.paragraphs[0].citations[0].first == 2


@pytest.mark.parametrize(
    "paragraphs",
    [
        (),
        (paragraph("It is so."),),
        (paragraph("It triples.", FALSE),),
        (paragraph("  ", TRUE),),
        *((paragraph("See there.", {**TRUE, "path": path}),) for path in ("link.py", "../shop.py", "/etc/passwd", "gone.py")),
    ],
)
def test_where_nothing_holds_there_is_no_answer(shelf: Shelf, paragraphs: tuple[dict[str, Any], ...]) -> None:
    with pytest.raises(Refused, match="nothing that scripted:reader answered is backed by the code"):
        answer(asker(*paragraphs), ASK, shelf)


def test_who_may_not_answer_does_not(shelf: Shelf) -> None:
    with pytest.raises(NoAnswer):
        answer(ScriptedAsker({}), ASK, shelf)


def test_a_model_may_look_at_the_tree_and_at_nothing_else(shelf: Shelf) -> None:
    seen: list[str] = []

    def curious(question: Ask) -> dict[str, Any]:
        tools = {each.name: each for each in question.tools}
        assert set(tools) == {"read_file", "search_code", "outline"}
        seen.append(tools["outline"].call({"path": "shop.py"}))
        for path in ("link.py", "../../etc/passwd"):
            with pytest.raises(InputError):
                tools["read_file"].call({"path": path, "first": 1, "last": 2})
        return {"paragraphs": [paragraph("It doubles.", TRUE)]}

    answer(ScriptedAsker({Duty.READER: curious}), ASK, shelf)
    assert seen == ["1-2 def price\n5-6 def mean"]


def test_very_long_answers_are_cut(shelf: Shelf) -> None:
    found = answer(asker(*[paragraph("x" * 9 * MOST_CHARACTERS, *[TRUE] * 99)] * 99), ASK, shelf)
    assert len(found.paragraphs) == 30
    assert all(len(each.text) == MOST_CHARACTERS and len(each.citations) == 1 for each in found.paragraphs)


def test_explaining_has_its_own_words(shelf: Shelf) -> None:
    who = asker(paragraph("It doubles.", TRUE))
    answer(who, Question(Inquiry.EXPLAIN, "price"), shelf)
    assert "You explain" in who.questions[0].system
    assert who.questions[0].schema == PARAGRAPHS


def test_suspected_bugs_are_named_placed_and_not_believed_yet(shelf: Shelf) -> None:
    who = finder(BUG, BUG, {**BUG, "quote": "return n * 2", "line": 99, "expected": ""}, {**BUG, "quote": "return None"})
    found = answer(who, DEBUG, shelf)
    first, second = found.suspects
    assert first.id == bug_id(first.citation, CODE)
    assert (first.citation.first, first.call, first.expected) == (6, "mean([])", "0")
    assert (second.citation.first, second.call, second.expected) == (2, "", "")
    assert first.id != second.id
    assert len(found.dropped) == 1
    assert who.questions[0].schema == BUGS
    assert who.questions[0].passages[0].label == "where to look"


@pytest.mark.parametrize("call", ["", "mean(`x`)", "mean(\n[])", "mean('\u202e')", f"mean('{'x' * 999}')"])
def test_what_cannot_be_shown_as_one_line_of_code_is_not_run(shelf: Shelf, call: str) -> None:
    (found,) = answer(finder({**BUG, "call": call}), DEBUG, shelf).suspects
    assert (found.call, found.expected) == ("", "")


def test_no_bug_is_an_answer_and_only_made_up_ones_are_none(shelf: Shelf) -> None:
    assert answer(finder(), DEBUG, shelf).suspects == ()
    with pytest.raises(Refused, match="do not hold: 1, the first 'shop"):
        answer(finder({**BUG, "quote": "return None"}), DEBUG, shelf)


def test_only_so_many_bugs_are_looked_at(shelf: Shelf) -> None:
    many = [{**BUG, "quote": "return None"}] * MOST_SUSPECTS
    with pytest.raises(Refused):
        answer(finder(*many, BUG), DEBUG, shelf)


def test_a_bug_keeps_its_name_when_its_lines_move_and_not_in_another_function() -> None:
    before = bug_id(Citation("shop.py", 2, 2, "    return n * 2"), CODE)
    assert bug_id(Citation("shop.py", 4, 4, "return  n * 2"), f"import os\n\n{CODE}") == before
    assert bug_id(Citation("shop.py", 6, 6, "return n * 2"), CODE) != before
    assert bug_id(Citation("shop.txt", 1, 1, "no Python ("), "no Python (").startswith("bug:")
