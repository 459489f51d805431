"""What a model plans is held against what any plan must fit, and against what nobody asked it to decide."""

from __future__ import annotations

from typing import Any

import pytest

from bot import capabilities, codemods
from bot.capability import Capability
from bot.codemod import Codemod
from bot.duties.planner import Brief, improve, open_to
from bot.ids import RepoName, Sha
from bot.llm.asking import Duty, NoAnswer, OverBudget
from bot.plan.inventory import take_inventory
from bot.plan.plan import from_json, to_json
from bot.plan.planner import make_plan
from bot.registry import plugins
from bot.run import Instruction, Verb
from tests.doubles.scripted_asker import ScriptedAsker

FILES = {"shop/cart.py": "def total(items):\n    return 0\n\n\ndef _sum(items):\n    return 0\n", "shop/tax.py": "RATE = 19\n"}
TEXT = "- fix `total`, it ignores discounts\n- add `vat` to shop/tax.py"
ABLE, CODEMODS = plugins(capabilities, Capability), plugins(codemods, Codemod)


def brief(text: str = TEXT, verb: Verb = Verb.FIX) -> Brief:
    inventory = take_inventory(FILES)
    plain = make_plan(Instruction(verb, text, RepoName("r"), Sha("0" * 40)), inventory, ABLE, CODEMODS)
    return Brief(text, plain, ABLE, CODEMODS, inventory)


def step(name: str, capability: str, needs: tuple[str, ...] = (), **inputs: Any) -> dict[str, Any]:
    expected = [{"metric": "failing_tests", "change": -1}]
    return {
        "id": name,
        "capability": capability,
        "inputs": inputs,
        "needs": list(needs),
        "acceptance": ["it"],
        "expected": expected,
    }


GOOD = {"steps": [step("vat", "code.generate", paths=["shop/tax.py"]), step("total", "code.repair", ("vat",), names=["total"])]}


def test_the_models_steps_are_taken_and_nothing_else_of_it() -> None:
    asker = ScriptedAsker({Duty.PLANNER: [GOOD]})
    found = improve(asker, brief())
    plain = brief().plain
    assert [each.capability for each in found.plan.steps] == ["code.generate", "code.repair"]
    assert found.plan.steps[1].expected == {"failing_tests": -1.0}
    assert (found.plan.verb, found.plan.goal) == (plain.verb, plain.goal)
    assert (found.plan.may_change_interface, found.plan.needs_witness) == (plain.may_change_interface, plain.needs_witness)
    assert (found.plan.author, found.why_not) == ("scripted:planner", "")
    assert from_json(to_json(found.plan)) == found.plan
    (question,) = asker.questions
    assert question.system.startswith("Your duty: planner\n")
    assert {each.label for each in question.passages if not each.hostile} == {"task"}
    assert TEXT not in next(each.text for each in question.passages if not each.hostile)


def test_a_plan_that_does_not_do_is_given_back_once() -> None:
    circle = {"steps": [step("a", "code.repair", ("b",)), step("b", "code.repair", ("a",))]}
    asker = ScriptedAsker({Duty.PLANNER: [circle, GOOD]})
    assert improve(asker, brief()).plan.author == "scripted:planner"
    last = asker.questions[1].passages[-1]
    assert (last.label, last.hostile) == ("your last plan", True)
    assert "circle" in last.text


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (step("a", "code.repair", inputs=3), "do not fit"),
        (step("a", "code.repair", ("z",)), "needs 'z'"),
        (step("a", "tests.generate"), "what the instruction is about"),
        (step("a", "code.transform", codemod="erase-everything"), "which there is not"),
        (step("a", "code.transform", codemod="rename", arguments={"old": "total", "new": "sum_up"}), "nobody asked for"),
        (step("a", "code.transform", codemod="rename", arguments={"old": "nowhere", "new": "sum_up"}), "nobody asked for"),
    ],
)
def test_twice_of_no_use_and_the_recipe_is_taken_with_the_reason(bad: dict[str, Any], reason: str) -> None:
    asker = ScriptedAsker({Duty.PLANNER: [{"steps": [bad]}, {"steps": [bad]}]})
    found = improve(asker, brief())
    assert found.plan == brief().plain
    assert found.why_not.startswith("the plan of scripted:planner could not be used: ")
    assert reason in found.why_not


def test_a_private_name_may_be_renamed() -> None:
    rename = step("b", "code.transform", codemod="rename", arguments={"old": "_sum", "new": "_add"})
    found = improve(ScriptedAsker({Duty.PLANNER: [{"steps": [rename]}]}), brief())
    assert found.why_not == ""


@pytest.mark.parametrize("error", [NoAnswer("nobody answers"), OverBudget("the budget is spent")])
def test_without_an_answer_the_recipe_is_taken_with_the_reason(error: Exception) -> None:
    found = improve(ScriptedAsker({Duty.PLANNER: [error]}), brief())
    assert (found.plan, found.why_not) == (brief().plain, str(error))


def test_no_capability_is_open_that_the_verb_does_not_need() -> None:
    assert "dependency.upgrade" not in open_to(brief())
    assert "code.rename" not in open_to(brief())
    assert "code.rename" in open_to(brief("add a parameter `currency` to `total`", Verb.ADD))
    assert set(open_to(brief("write tests for `total`", Verb.TEST))) == {"tests.generate"}
    assert set(open_to(brief("document `total`", Verb.DOCS))) == {"docs.write"}
    assert open_to(brief("upgrade requests to 2.32.4", Verb.UPGRADE)) == {}
