from __future__ import annotations

import pytest

from bot.llm.asking import Ask, Duty, NoAnswer, OverBudget
from tests.doubles.scripted_asker import ScriptedAsker

SCHEMA = {"type": "object", "required": ["steps"], "properties": {"steps": {"type": "array"}}}
PLAN = Ask(Duty.PLANNER, "plan", (), SCHEMA)
READ = Ask(Duty.READER, "read", ())


def test_answers_come_in_order_and_questions_are_kept() -> None:
    asker = ScriptedAsker({Duty.PLANNER: [{"steps": []}, OverBudget("too dear")], Duty.READER: ["in a.py:3"]})
    first = asker.ask(PLAN)
    assert (first.data, first.text, first.author, first.usage.calls) == ({"steps": []}, '{"steps": []}', "scripted:planner", 1)
    assert asker.ask(READ).text == "in a.py:3"
    with pytest.raises(OverBudget, match="too dear"):
        asker.ask(PLAN)
    assert asker.questions == [PLAN, READ, PLAN]
    assert asker.asked(Duty.READER) == [READ]


def test_a_function_answers_by_what_is_asked() -> None:
    asker = ScriptedAsker({Duty.READER: lambda question: question.system.upper()})
    assert [asker.ask(READ).text, asker.ask(READ).text] == ["READ", "READ"]


def test_a_script_that_does_not_fit_the_question_is_the_tests_own_fault() -> None:
    asker = ScriptedAsker({Duty.PLANNER: [{"stages": []}, {"steps": []}], Duty.READER: [{"data": 1}]})
    with pytest.raises(AssertionError, match="does not fit"):
        asker.ask(PLAN)
    with pytest.raises(AssertionError, match="asked for text"):
        asker.ask(READ)
    asker.ask(PLAN)
    with pytest.raises(AssertionError, match="once more than"):
        asker.ask(PLAN)


def test_nobody_answers_for_a_duty_without_a_script() -> None:
    asker = ScriptedAsker({})
    assert asker.authors(Duty.CRITIC) == ()
    with pytest.raises(NoAnswer, match="no model is configured for the reader"):
        asker.ask(READ)


def test_an_author_to_avoid_answers_only_where_nobody_else_can() -> None:
    two = ScriptedAsker({Duty.READER: ["a", "b"]}, by={Duty.READER: ("x:one", "y:two")})
    assert two.ask(READ).author == "x:one"
    assert two.ask(Ask(Duty.READER, "read", (), avoid=frozenset({"x:one"}))).author == "y:two"
    one = ScriptedAsker({Duty.READER: ["a"]}, by={Duty.READER: ("x:one",)})
    assert one.ask(Ask(Duty.READER, "read", (), avoid=frozenset({"x:one"}))).author == "x:one"
