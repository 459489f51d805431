"""Specifying: a spec of an example is committed before anything else; without one the run ends with advice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.config import Config
from bot.demo import ISSUE
from bot.errors import Fatal
from bot.history import History
from bot.llm.asking import Duty, OverBudget
from bot.run import EngineChoice, State
from bot.sandbox.probe import find_sandbox
from bot.spec.spec import Source, Spec
from bot.stages.specify import STAGE
from bot.workshop import Workshop
from tests.doubles.scripted_asker import ScriptedAsker

if TYPE_CHECKING:
    from bot.stage import Outcome
    from tests.stages.conftest import Bench


async def test_the_spec_is_committed_on_the_base_and_digested(bench: Bench, tmp_path: Path) -> None:
    run = replace(bench.run, state=State.SPECIFYING, instruction=replace(bench.run.instruction, text=ISSUE))
    async with Workshop(bench.forge, find_sandbox(), tmp_path / "cache", Config(), bench.tools.progress) as shop:
        outcome = await STAGE.run(run, replace(bench.tools, lay_out=shop.lay_out, lab=shop.lab))
        vague = replace(run, instruction=replace(run.instruction, text="fix: it is somehow slow"))
        refused = await STAGE.run(vague, replace(bench.tools, lay_out=shop.lay_out, lab=shop.lab))
    assert outcome.next is State.CHANGING
    spec = outcome.output
    assert isinstance(spec, Spec)
    assert spec.witnesses
    assert spec.commit is not None
    change = await bench.forge.change(run.instruction.base, spec.commit)
    assert set(change.paths) == {each.path for each in spec.files}
    assert f"Pawl-Spec: {spec.digest}" in bench.forge.git("show", "-s", "--format=%B", spec.commit).decode()
    assert refused.next is State.REFUSED
    assert "no trustworthy spec" in refused.reason


async def test_without_a_plan_it_is_a_fault(bench: Bench) -> None:
    with pytest.raises(Fatal, match="without a plan"):
        await STAGE.run(bench.run, replace(bench.tools, history=History()))


PROSE = "fix: bookings that touch each other must come out of `merge` as a single one"


def written(name: str, body: str, imports: str = "from rooms.bookings import merge") -> dict[str, object]:
    source = f"def {name}():\n    {body}\n"
    return {"name": name, "imports": [imports], "source": source, "quote": "touch each other must come out of `merge`"}


TOUCHING = written("test_two_that_touch", "assert merge([(9, 11), (11, 12)]) == [(9, 12)]")
THREE = written("test_three_that_touch", "assert merge([(8, 9), (9, 10), (10, 11)]) == [(8, 11)]")


async def specify(bench: Bench, tmp_path: Path, asker: ScriptedAsker | None, text: str, engine: EngineChoice) -> Outcome:
    run = replace(bench.run, state=State.SPECIFYING, instruction=replace(bench.run.instruction, text=text, engine=engine))
    async with Workshop(bench.forge, find_sandbox(), tmp_path / "cache", Config(), bench.tools.progress) as shop:
        return await STAGE.run(run, replace(bench.tools, lay_out=shop.lay_out, lab=shop.lab, asker=asker))


async def test_a_wish_in_prose_is_specified_by_a_model(bench: Bench, tmp_path: Path) -> None:
    hostile = written("test_outside", "assert merge(os.listdir('/'))", "import os")
    asker = ScriptedAsker({Duty.SPEC_AUTHOR: [{"tests": [TOUCHING, THREE, hostile]}]})
    outcome = await specify(bench, tmp_path, asker, PROSE, EngineChoice.AUTO)
    spec = outcome.output
    assert isinstance(spec, Spec), outcome
    assert outcome.reason.endswith("tests of it written by scripted:spec_author")
    assert {each.origin for each in spec.witnesses} == {Source.MODEL}
    assert len(spec.witnesses) == 2
    assert spec.guards, "the project's own tests guard what must stay"
    assert spec.author == "scripted:spec_author"
    assert [each.id for each in spec.tests if not each.kept and each.origin is Source.MODEL] == ["model::test_outside"]
    shown = "\n".join(each.text for each in asker.questions[0].passages)
    assert "def merge(spans: list[Span]) -> list[Span]" in shown
    assert "for start, end in" not in shown


async def test_a_model_is_not_asked_where_examples_do_unless_that_was_wished_for(bench: Bench, tmp_path: Path) -> None:
    asker = ScriptedAsker({Duty.SPEC_AUTHOR: [{"tests": [THREE, TOUCHING]}]})
    assert (await specify(bench, tmp_path, asker, ISSUE, EngineChoice.AUTO)).next is State.CHANGING
    assert asker.questions == []
    spent = ScriptedAsker({Duty.SPEC_AUTHOR: [OverBudget("the run's budget is spent")]})
    both = await specify(bench, tmp_path, spent, ISSUE, EngineChoice.MODEL)
    assert both.next is State.CHANGING
    assert both.reason.endswith("; no model added tests: the run's budget is spent")


async def test_where_no_model_can_help_the_advice_says_so(bench: Bench, tmp_path: Path) -> None:
    asker = ScriptedAsker({Duty.SPEC_AUTHOR: [OverBudget("the run's budget is spent")]})
    outcome = await specify(bench, tmp_path, asker, PROSE, EngineChoice.AUTO)
    assert outcome.next is State.REFUSED
    assert outcome.reason.endswith("; and no model could write one: the run's budget is spent.")
    silent = await specify(bench, tmp_path, None, PROSE, EngineChoice.AUTO)
    assert "no model" not in silent.reason
