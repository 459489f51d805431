from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import capabilities, codemods
from bot.capability import Capability
from bot.codemod import Codemod
from bot.errors import InputError, Refused, UserError
from bot.ids import RepoName, Sha
from bot.plan.inventory import take_inventory
from bot.plan.plan import Plan, order, validate
from bot.plan.planner import decompose, goal, make_plan
from bot.registry import plugins
from bot.run import Instruction, Verb

CAPABILITIES = plugins(capabilities, Capability)
CODEMODS = plugins(codemods, Codemod)
INVENTORY = take_inventory({"stats.py": "def median(xs): ...\n\n\ndef _sum(xs): ...\n", "b.py": "class Cart: ...\n"})


def planned(text: str, verb: Verb) -> Plan:
    return make_plan(Instruction(verb, text, RepoName("r"), Sha("0" * 40)), INVENTORY, CAPABILITIES, CODEMODS)


@pytest.mark.parametrize(
    ("verb", "text", "capability", "witness"),
    [
        (Verb.FIX, "fix `median`", "code.repair", True),
        (Verb.ADD, "add `mean`", "code.generate", True),
        (Verb.TEST, "write tests for stats.py", "tests.generate", False),
        (Verb.DOCS, "document `median`", "docs.write", False),
        (Verb.REFACTOR, "make `median` nicer", "code.rewrite", False),
        (Verb.REFACTOR, "use f-strings in stats.py", "code.transform", False),
        (Verb.UPGRADE, "upgrade requests to 2.0", "dependency.upgrade", False),
    ],
)
def test_each_verb_has_a_recipe(verb: Verb, text: str, capability: str, witness: bool) -> None:
    plan = planned(text, verb)
    assert [step.capability for step in plan.steps] == [capability]
    assert plan.needs_witness is witness
    assert plan.steps[0].acceptance


def test_a_step_knows_the_names_and_files_that_were_mentioned() -> None:
    assert planned("fix `median` in stats.py", Verb.FIX).steps[0].inputs == {"names": ["median"], "paths": ["stats.py"]}
    assert planned("use f-strings in b.py", Verb.REFACTOR).steps[0].inputs["paths"] == ["b.py"]


def test_several_wishes_become_a_chain() -> None:
    plan = planned("remove unused imports, sort imports, then modernise", Verb.REFACTOR)
    assert [step.inputs["codemod"] for step in order(plan)] == ["remove-unused-imports", "sort-imports", "modernise"]
    assert plan.steps[2].needs == (plan.steps[1].id,)


def test_only_a_public_rename_may_change_the_interface() -> None:
    public = planned("rename `median` to `middle`", Verb.REFACTOR)
    assert public.steps[0].capability == "code.rename"
    assert public.may_change_interface
    private = planned("rename `_sum` to `_total`", Verb.REFACTOR)
    assert private.steps[0].capability == "code.transform"
    assert not private.may_change_interface
    assert planned("change the signature of `median`", Verb.FIX).may_change_interface
    assert not planned("fix `median`", Verb.FIX).may_change_interface
    assert not planned("document the parameters of `median`", Verb.DOCS).may_change_interface


def test_too_many_wishes_are_refused() -> None:
    text = "\n".join(f"- rename `a{n}` to `b{n}`" for n in range(30))
    with pytest.raises(Refused, match="split"):
        planned(text, Verb.REFACTOR)


@given(st.text(max_size=300), st.sampled_from(list(Verb)))
def test_any_text_gives_a_valid_plan_or_a_sentence(text: str, verb: Verb) -> None:
    try:
        plan = planned(text, verb)
    except UserError as error:
        said = str(error)
    else:
        said = plan.goal
        validate(plan, CAPABILITIES)
        assert plan.verb is verb
    assert said
    assert "\n" not in said


def test_the_goal_is_one_line() -> None:
    assert goal("\n## Fix it\nnow") == "Fix it"
    assert goal("x" * 900).endswith("…")
    assert len(goal("x" * 900)) == 300


def test_an_instruction_comes_apart_at_its_items_or_clauses() -> None:
    assert decompose("do:\n- [ ] fix a\n* add b\n2. test c") == ("fix a", "add b", "test c")
    assert decompose("fix a; add b and then test c") == ("fix a", "add b", "test c")
    assert decompose("fix a") == ("fix a",)
    with pytest.raises(InputError):
        decompose("")
