"""Proposing: evidence always, a branch only for what may go on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.change.change import Edit, Edits
from bot.change.risk import Risk, RiskLevel
from bot.errors import Fatal
from bot.evidence.bundle import problems
from bot.gate import passed
from bot.history import Changed, Checked, History
from bot.policy.decision import Decision
from bot.run import State
from bot.stages.propose import STAGE

if TYPE_CHECKING:
    from tests.stages.conftest import Bench


async def proposed(bench: Bench, decision: Decision) -> Any:
    base = bench.run.instruction.base
    head = await bench.forge.commit(base, (Edit("rooms/bookings.py", "X = 1\n"),), "m", bench.run.id)
    checked = Checked(await bench.forge.change(base, head), (passed("a", "fine"),), Risk(RiskLevel.LOW, 5, ()), decision)
    history = History(bench.tools.history.plan, bench.spec, Changed("search", head, Edits((), "why")), checked)
    tools = replace(bench.tools, history=history)

    async def record() -> Any:
        return replace(await bench.tools.record(), history=history)

    return await STAGE.run(bench.run, replace(tools, record=record))


@pytest.mark.parametrize(
    ("decision", "state", "branch"),
    [
        (Decision(allow=True), State.DONE, "pawl/fix-merge"),
        (Decision(allow=True, require=("one approval",)), State.AWAITING_APPROVAL, "pawl/fix-merge"),
        (Decision(allow=False, deny=("gate a is red",)), State.REFUSED, None),
    ],
)
async def test_the_decision_says_where_it_goes(bench: Bench, decision: Decision, state: State, branch: str | None) -> None:
    outcome = await proposed(bench, decision)
    assert outcome.next is state
    assert outcome.output.branch == branch
    assert problems(Path(outcome.output.bundle)) == []
    listed = bench.forge.git("branch", "--list", "pawl/*", "--format=%(refname:short)").decode().split()
    assert listed == ([branch] if branch else [])


async def test_done_twice_it_is_there_once(bench: Bench) -> None:
    first = await proposed(bench, Decision(allow=True))
    assert (await proposed(bench, Decision(allow=True))).output == first.output


async def test_without_a_judged_change_it_is_a_fault(bench: Bench) -> None:
    with pytest.raises(Fatal, match="without a judged change"):
        await STAGE.run(bench.run, bench.tools)
