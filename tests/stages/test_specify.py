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
from bot.run import State
from bot.sandbox.probe import find_sandbox
from bot.spec.spec import Spec
from bot.stages.specify import STAGE
from bot.workshop import Workshop

if TYPE_CHECKING:
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
