"""Changing: the cheapest engine that can, nothing of the held-out spec in sight, nothing protected touched, one commit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.change.change import Change, Edit, Edits
from bot.change.risk import Risk, RiskLevel
from bot.config import Config
from bot.engine import Attempt, Engine, Question, Reading, Work, Workbench
from bot.errors import Fatal, Refused
from bot.gate import Finding, GateResult, Verdict
from bot.history import Changed, Checked, History
from bot.ids import NodeId, Sha
from bot.plan.plan import Plan, Step
from bot.policy.decision import Decision
from bot.run import EngineChoice, State, Verb
from bot.sandbox.probe import find_sandbox
from bot.spec.spec import Role, Source, SpecFile, SpecTest
from bot.stages.change import STAGE
from bot.workshop import Workshop
from tests.doubles.scripted_asker import ScriptedAsker

if TYPE_CHECKING:
    from tests.stages.conftest import Bench

Make = Callable[..., Engine]
FIXED = Edits((Edit("rooms/bookings.py", "FIXED = 1\n"),), "line 1: fixed")


def bring(edits: Edits | None = FIXED, **more: Any) -> Callable[[Workbench], Work]:
    return lambda _bench: Work(edits=edits, attempts=(Attempt("tried", worked=edits is not None),), **more)


async def changed(bench: Bench, *engines: Engine) -> Any:
    return await STAGE.run(bench.run, replace(bench.tools, engines={each.name: each for each in engines}))


async def test_the_change_is_one_commit_on_the_spec(bench: Bench, made_engine: Make) -> None:
    outcome = await changed(bench, made_engine("search", bring()))
    assert outcome.next is State.CHECKING
    assert outcome.output.engine == "search"
    change = await bench.forge.change(bench.spec.commit or Sha(""), outcome.output.head)
    assert change.paths == ("rooms/bookings.py",)
    said = bench.forge.git("show", "-s", "--format=%B", outcome.output.head).decode()
    assert said.startswith("line 1: fixed\n")
    assert f"Pawl-Run: {bench.run.id}" in said
    assert "Co-authored-by" not in said, "on a laptop nobody else asked"
    assert f"Pawl-Spec: {bench.spec.digest}" in said


async def test_the_same_change_made_again_is_the_same_commit(bench: Bench, made_engine: Make) -> None:
    first = await changed(bench, made_engine("search", bring()))
    assert (await changed(bench, made_engine("search", bring()))).output.head == first.output.head


async def test_an_engine_never_sees_a_file_that_is_held_out(bench: Bench, made_engine: Make) -> None:
    seen: list[Any] = []

    def look(workbench: Workbench) -> Work:
        names = sorted(file.name for file in (workbench.root / "tests").iterdir())
        seen.append((names, workbench.tests, [each.id for each in workbench.spec.tests]))
        return Work(edits=FIXED)

    await changed(bench, made_engine("search", look))
    names, tests, spec = seen[0]
    assert names == ["test_bookings.py", "test_spec.py"]
    assert tests == ("tests/test_spec.py::test_touching",)
    assert spec == ["tests/test_spec.py::test_touching"]


async def test_the_cheapest_that_can_is_asked_first_and_the_next_one_after_it(bench: Bench, made_engine: Make) -> None:
    dear = made_engine("search", bring(), cost=9)
    cheap = made_engine("codemod", bring(None), cost=1)
    outcome = await changed(bench, dear, cheap)
    assert outcome.output.engine == "search"
    assert [(each.what, each.worked) for each in outcome.output.attempts] == [
        ("tried", False),
        ("codemod", False),
        ("tried", True),
    ]
    assert outcome.reason == "line 1: fixed (codemod: found nothing; so search)"


async def test_why_no_cheaper_engine_did_it_is_kept_and_said(bench: Bench, made_engine: Make) -> None:
    codemod = made_engine("codemod", bring(), cost=1, why_not="no codemod fits")
    search = made_engine("search", lambda _bench: Work(abstained="none of 9 edits"), cost=2)
    model = made_engine("model", bring(author="vendor:one"), cost=3)
    outcome = await changed(bench, model, search, codemod)
    assert outcome.reason == "line 1: fixed (codemod: no codemod fits; search: none of 9 edits; so model)"
    assert [(each.what, each.why) for each in outcome.output.attempts if not each.worked] == [
        ("codemod", "no codemod fits"),
        ("search", "none of 9 edits"),
    ]
    assert (outcome.output.engine, outcome.output.author) == ("model", "vendor:one")


async def test_what_the_person_is_asked_no_model_guesses(bench: Bench, made_engine: Make) -> None:
    question = Question("f([3, 1])", (Reading("A", FIXED, "1"), Reading("B", FIXED, "3")))
    model = made_engine("model", bring(), cost=3)
    outcome = await changed(bench, made_engine("search", bring(None, question=question)), model)
    assert outcome.next is State.REFUSED
    assert outcome.output.question == question


async def test_an_engine_gets_the_asker_and_how_many_candidates_are_wanted(bench: Bench, made_engine: Make) -> None:
    seen: list[Workbench] = []

    def look(workbench: Workbench) -> Work:
        seen.append(workbench)
        return Work(edits=FIXED)

    asker = ScriptedAsker({})
    config = bench.tools.config.model_copy(update={"budget": bench.tools.config.budget.model_copy(update={"candidates": 3})})
    engine = made_engine("search", look)
    await STAGE.run(bench.run, replace(bench.tools, engines={"search": engine}, asker=asker, config=config))
    assert (seen[0].asker, seen[0].candidates) == (asker, 3)


async def test_only_the_engine_that_was_asked_for_works(bench: Bench, made_engine: Make) -> None:
    run = replace(bench.run, instruction=replace(bench.run.instruction, engine=EngineChoice.CODEMOD))
    engines = {
        "search": made_engine("search", bring()),
        "codemod": made_engine("codemod", bring(None), why_not="no codemod fits"),
    }
    outcome = await STAGE.run(run, replace(bench.tools, engines=engines))
    assert outcome.next is State.REFUSED
    assert outcome.reason == "no change found: codemod: no codemod fits"


async def test_no_engine_at_all_is_said(bench: Bench) -> None:
    outcome = await changed(bench)
    assert "no engine of this installation can do 'code.repair'" in outcome.reason


async def test_a_question_ends_the_run_with_the_answer_it_needs(bench: Bench, made_engine: Make) -> None:
    question = Question("f([3, 1])", (Reading("A", FIXED, "1"), Reading("B", FIXED, "3")))
    outcome = await changed(bench, made_engine("search", bring(None, question=question)))
    assert outcome.next is State.REFUSED
    assert "on f([3, 1]) reading A gives 1, reading B gives 3; which is right?" in outcome.reason
    assert f"pawl run --resume {bench.run.id} --answer 'f([3, 1]) == …'" in outcome.reason
    assert outcome.output.question == question


@pytest.mark.parametrize("path", [".github/workflows/ci.yml", "../out.py", "tests/test_spec.py", "requirements.txt"])
async def test_an_edit_beyond_what_is_allowed_is_refused(bench: Bench, made_engine: Make, path: str) -> None:
    with pytest.raises(Refused, match="protected"):
        await changed(bench, made_engine("search", bring(Edits((Edit(path, "x"),), "w"))))


async def test_a_later_round_knows_what_was_refused_and_why(bench: Bench, made_engine: Make) -> None:
    finding = Finding("rooms/bookings.py", 1, "too complicated", "C901")
    red = GateResult("complexity", Verdict.FAIL, "1 finding", (finding,))
    checked = Checked(Change(Sha("a"), Sha("b"), (), ""), (red,), Risk(RiskLevel.LOW, 5, ()), Decision(allow=False))
    before = Changed("search", Sha("b" * 40), FIXED)
    history = History(bench.tools.history.plan, bench.spec, before, checked, rounds=((before, checked),))
    seen: list[Workbench] = []

    def look(workbench: Workbench) -> Work:
        seen.append(workbench)
        return Work(abstained="nothing else")

    tools = replace(bench.tools, history=history, engines={"search": made_engine("search", look)})
    outcome = await STAGE.run(bench.run, tools)
    assert seen[0].findings == (finding,)
    assert seen[0].rejected == (FIXED,)
    assert outcome.reason == "no change found: search: nothing else"


async def test_without_a_plan_or_a_spec_it_is_a_fault(bench: Bench) -> None:
    with pytest.raises(Fatal, match="without a plan"):
        await STAGE.run(bench.run, replace(bench.tools, history=History()))


async def test_a_step_that_an_earlier_one_did_along_is_not_asked_of_anybody(
    bench: Bench, made_engine: Make, tmp_path: Path
) -> None:
    asked: list[str] = []

    def work(workbench: Workbench) -> Work:
        asked.append(workbench.capability)
        return Work(edits=FIXED)

    spec = replace(
        bench.spec,
        files=(SpecFile("tests/test_spec.py", "def test_touching():\n    import rooms.bookings as b\n    assert b.FIXED\n"),),
    )
    steps = (Step("one", "code.repair", {}), Step("two", "code.generate", {}), Step("three", "code.rewrite", {}))
    history = History(Plan(Verb.FIX, "goal", steps), spec)
    engine = made_engine("model", work)
    async with Workshop(bench.forge, find_sandbox(), tmp_path / "cache", Config(), bench.tools.progress) as shop:
        tools = replace(bench.tools, history=history, lab=shop.lab, lay_out=shop.lay_out, engines={"model": engine})
        outcome = await STAGE.run(bench.run, tools)
    assert outcome.next is State.CHECKING
    assert asked == ["code.repair", "code.rewrite"]
    assert isinstance(outcome.output, Changed)
    assert ("step two", True) in [(each.what, each.worked) for each in outcome.output.attempts]


async def test_no_finding_tells_an_engine_of_a_held_out_test(bench: Bench, made_engine: Make) -> None:
    path = "tests/test_pawl_f_held_out.py"
    held = SpecTest(NodeId(f"{path}::test_twice"), Role.WITNESS, Source.MODEL, kept=True, kills=1, reason="", held_out=True)
    spec = replace(
        bench.spec, tests=(*bench.spec.tests, held), files=(*bench.spec.files, SpecFile(path, "def test_twice(): ...\n"))
    )
    fails = Finding(path, 1, f"the new test {held.id} fails: assert 'A.' == 'A.L.'", "new-test-fails")
    told = Finding("", 1, f"gates: tests said fail: {fails.message}", "deny")
    other = Finding("a.py", 3, "test_twice_more is too long", "C901")
    red = GateResult("tests", Verdict.FAIL, "3 findings", (fails, told, other))
    checked = Checked(Change(Sha("a"), Sha("b"), (), ""), (red,), Risk(RiskLevel.LOW, 5, ()), Decision(allow=False))
    before = Changed("search", Sha("b" * 40), FIXED)
    history = History(bench.tools.history.plan, spec, before, checked, rounds=((before, checked),))
    seen: list[Workbench] = []

    def look(workbench: Workbench) -> Work:
        seen.append(workbench)
        return Work(abstained="nothing else")

    await STAGE.run(bench.run, replace(bench.tools, history=history, engines={"search": made_engine("search", look)}))
    failed = "a held-out test of the spec failed"
    assert seen[0].findings == (Finding("", 1, failed, "new-test-fails"), Finding("", 1, failed, "deny"), other)
