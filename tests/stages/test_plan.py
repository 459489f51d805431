"""Planning a real repository: the recipe of the verb, pointed at what the text names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.errors import InputError
from bot.llm.asking import Duty, NoAnswer
from bot.plan.plan import Plan
from bot.run import EngineChoice, State, Verb
from bot.stages.plan import STAGE
from tests.doubles.scripted_asker import ScriptedAsker

if TYPE_CHECKING:
    from tests.stages.conftest import Bench


async def test_a_fix_becomes_a_repair_of_what_is_named(bench: Bench) -> None:
    run = replace(bench.run, state=State.PLANNING, instruction=replace(bench.run.instruction, text="fix: `merge` is wrong"))
    outcome = await STAGE.run(run, bench.tools)
    assert outcome.next is State.SPECIFYING
    assert outcome.output is not None
    assert outcome.output.verb is Verb.FIX  # type: ignore[union-attr]
    assert outcome.reason == "plan: code.repair"


async def test_an_empty_wish_is_bad_input(bench: Bench) -> None:
    run = replace(bench.run, instruction=replace(bench.run.instruction, text="  "))
    with pytest.raises(InputError):
        await STAGE.run(run, bench.tools)


async def test_where_only_the_plan_is_asked_for_the_run_ends_with_it(bench: Bench) -> None:
    instruction = replace(bench.run.instruction, text="fix: `merge` is wrong", plan_only=True)
    outcome = await STAGE.run(replace(bench.run, state=State.PLANNING, instruction=instruction), bench.tools)
    assert outcome.next is State.CANCELLED
    assert outcome.output is not None
    assert outcome.reason == "only the plan was asked for: code.repair"


PARTS = "- fix `merge`, touching spans stay apart\n- fix `free`, it forgets the evening"


def step(name: str, *names: str) -> dict[str, object]:
    return {
        "id": name,
        "capability": "code.repair",
        "inputs": {"names": list(names)},
        "needs": [],
        "acceptance": [],
        "expected": [],
    }


async def test_a_wish_of_several_parts_is_planned_by_a_model(bench: Bench) -> None:
    asker = ScriptedAsker({Duty.PLANNER: [{"steps": [step("merge", "merge"), step("free", "free")]}]})
    run = replace(bench.run, state=State.PLANNING, instruction=replace(bench.run.instruction, text=PARTS))
    outcome = await STAGE.run(run, replace(bench.tools, asker=asker))
    assert outcome.reason == "plan: code.repair, code.repair (chosen by scripted:planner)"
    assert isinstance(outcome.output, Plan)
    assert outcome.output.author == "scripted:planner"
    assert outcome.output.needs_witness
    (question,) = asker.questions
    assert "repository map" in [each.label for each in question.passages]


async def test_where_the_model_gives_no_plan_the_recipe_is_used_and_the_reason_told(bench: Bench) -> None:
    asker = ScriptedAsker({Duty.PLANNER: [NoAnswer("nobody answers")]})
    run = replace(bench.run, state=State.PLANNING, instruction=replace(bench.run.instruction, text=PARTS))
    outcome = await STAGE.run(run, replace(bench.tools, asker=asker))
    assert outcome.reason == "plan: code.repair (by the recipe: nobody answers)"
    assert outcome.next is State.SPECIFYING


@pytest.mark.parametrize(
    ("text", "verb", "engine", "asked"),
    [
        ("fix: `merge` is wrong", Verb.FIX, EngineChoice.AUTO, False),
        ("fix: `merge` is wrong", Verb.FIX, EngineChoice.MODEL, True),
        ("fix `merge`:\n- merge([(1, 2)]) == 1\n- merge([]) == 2", Verb.FIX, EngineChoice.AUTO, False),
        (PARTS, Verb.FIX, EngineChoice.SEARCH, True),
        ("rename `merge` to `join` and then sort imports", Verb.REFACTOR, EngineChoice.MODEL, False),
        ("upgrade requests to 2.32.4; fix `merge`", Verb.UPGRADE, EngineChoice.MODEL, False),
    ],
)
async def test_a_model_is_asked_only_where_a_recipe_may_not_do(
    bench: Bench, text: str, verb: Verb, engine: EngineChoice, asked: bool
) -> None:
    asker = ScriptedAsker({Duty.PLANNER: lambda _question: {"steps": [step("merge", "merge")]}})
    instruction = replace(bench.run.instruction, text=text, verb=verb, engine=engine)
    await STAGE.run(replace(bench.run, state=State.PLANNING, instruction=instruction), replace(bench.tools, asker=asker))
    assert bool(asker.questions) is asked
