"""Planning a real repository: the recipe of the verb, pointed at what the text names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.errors import InputError
from bot.run import State, Verb
from bot.stages.plan import STAGE

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
