"""Checking: all gates that are switched on, the risk, the decision, and whether another round could help."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bot.change.change import Edit, Edits
from bot.change.risk import RiskLevel
from bot.config import Budget, Config, GateSetting
from bot.errors import Fatal
from bot.gate import Finding, Gate, GateResult, Subject, errored, failed, passed
from bot.history import Changed, History
from bot.ids import Sha
from bot.policy.engine import OWN
from bot.run import State
from bot.runners.local import LocalRunner
from bot.stages.check import STAGE, judge

if TYPE_CHECKING:
    from tests.stages.conftest import Bench

RED = failed("a", "bad", (Finding("rooms/bookings.py", 1, "bad", "X"),))


def gates(*results: GateResult) -> dict[str, Gate]:
    return {each.name: Gate(each.name, "?", lambda _subject, each=each: each) for each in results}  # type: ignore[misc]


async def checked(bench: Bench, *results: GateResult, config: Config | None = None, round_: int = 1) -> Any:
    base = bench.run.instruction.base
    head = await bench.forge.commit(base, (Edit("rooms/bookings.py", "X = 1\n"),), "m", bench.run.id)
    history = History(bench.tools.history.plan, bench.spec, Changed("search", head, Edits((), "w")))
    tools = replace(bench.tools, gates=gates(*results), history=history, config=config or Config())
    return await STAGE.run(replace(bench.run, round=round_), tools)


async def test_green_goes_on_with_risk_and_decision(bench: Bench) -> None:
    outcome = await checked(bench, passed("a", "fine"))
    assert outcome.next is State.PROPOSING
    assert outcome.output.decision.allow
    assert outcome.output.risk.level is RiskLevel.CRITICAL, "the public functions are gone"
    assert "gate a" in bench.heard


async def test_risk_knows_how_strong_the_tests_are_and_how_often_the_files_change(bench: Bench) -> None:
    weak = passed("mutation", "weak", kill_rate=0.5), passed("coverage", "thin", changed_lines=0.9)
    factors = {each.name: each.why for each in (await checked(bench, *weak)).output.risk.factors}
    assert factors["mutation strength"] == "tests notice 50% of the faults planted in it"
    assert factors["coverage"] == "tests run 90% of the changed lines"
    assert factors["churn"] == "1 commits to these files in 90 days"


async def test_red_goes_back_to_changing_while_rounds_are_left(bench: Bench) -> None:
    outcome = await checked(bench, RED)
    assert outcome.next is State.CHANGING
    assert "a said no" in outcome.reason
    last = await checked(bench, RED, round_=3)
    assert last.next is State.PROPOSING
    assert not last.output.decision.allow


async def test_a_gate_that_could_not_run_is_not_mended_by_another_change(bench: Bench) -> None:
    outcome = await checked(bench, errored("a", "no sandbox"))
    assert outcome.next is State.PROPOSING
    assert not outcome.output.decision.allow


async def test_what_is_not_required_denies_nothing(bench: Bench) -> None:
    config = Config(gates={"a": GateSetting(required=False)}, budget=Budget(rounds=1))
    outcome = await checked(bench, RED, config=config)
    assert outcome.output.decision.allow


async def test_a_gate_that_is_switched_off_does_not_run(bench: Bench) -> None:
    outcome = await checked(bench, RED, passed("b", "fine"), config=Config(gates={"a": GateSetting(run=False)}))
    assert [each.name for each in outcome.output.gates] == ["b"]


async def test_the_repositorys_own_policies_come_from_the_base(bench: Bench) -> None:
    rules = ('deny contains "not on a Friday"', 'require contains "x" if false', 'warn contains "x" if false')
    own = "\n\n".join(["package pawl.mine", "import rego.v1", *rules])
    base = await bench.forge.commit(bench.run.instruction.base, (Edit(f"{OWN}/mine.rego", own),), "policy", bench.run.id)
    head = await bench.forge.commit(base, (Edit(f"{OWN}/mine.rego", None), Edit("a.py", "")), "gone", bench.run.id)
    found = await judge(replace(bench.tools, gates=gates(passed("a", "fine"))), base, head, "", None)
    assert not found.decision.allow
    assert any("not on a Friday" in each for each in found.decision.deny)


async def test_gates_get_both_trees(bench: Bench) -> None:
    seen: list[Subject] = []

    def look(subject: Subject) -> GateResult:
        seen.append(subject)
        return passed("a", "fine")

    base = bench.run.instruction.base
    head = await bench.forge.commit(base, (Edit("rooms/bookings.py", "X = 1\n"),), "m", bench.run.id)
    await judge(replace(bench.tools, gates={"a": Gate("a", "?", look)}), base, head, "please", None)
    assert seen[0].head.text("rooms/bookings.py") == "X = 1\n"
    assert "def merge" in (seen[0].base.text("rooms/bookings.py") or "")
    assert seen[0].instruction == "please"


async def test_without_a_change_it_is_a_fault(bench: Bench) -> None:
    with pytest.raises(Fatal, match="without a change"):
        await STAGE.run(bench.run, bench.tools)


async def test_where_gates_run_elsewhere_no_environment_is_made_here(bench: Bench) -> None:
    class Elsewhere(LocalRunner):
        here = False

    async def no_lab(_commit: Sha) -> Any:
        raise AssertionError("the packages of a change are not to be fetched on this machine")

    base = bench.run.instruction.base
    head = await bench.forge.commit(base, (Edit("rooms/bookings.py", "X = 1\n"),), "m", bench.run.id)
    tools = replace(bench.tools, gates=gates(passed("a", "fine")), runner=Elsewhere(), lab=no_lab)
    assert (await judge(tools, base, head, "", None)).gates[0].green
