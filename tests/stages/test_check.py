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
from bot.llm.asking import Duty, NoAnswer
from bot.policy.document import ON_A_LAPTOP
from bot.policy.engine import OWN
from bot.run import State
from bot.runners.local import LocalRunner
from bot.spec.challenge import Criticism
from bot.stages.check import STAGE, judge
from tests.doubles.scripted_asker import ScriptedAsker

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
    assert factors["churn"] == "1 commit to these files in 90 days"


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


def criticising(answer: Any) -> tuple[ScriptedAsker, dict[str, Gate], list[Subject]]:
    """Return an asker whose critic gives ``answer``, a gate in the critic's place, and what that gate will have been given."""
    eyes: list[Subject] = []

    def look(subject: Subject) -> GateResult:
        eyes.append(subject)
        return passed("critic", "looked")

    return ScriptedAsker({Duty.CRITIC: answer}), {"critic": Gate("critic", "?", look)}, eyes


def named(call: str, because: str) -> dict[str, Any]:
    return {"setup": [], "call": call, "expected": "[]", "raises": "", "because": because}


WISH = "fix: merge of nothing gives an empty list"
QUOTE = "merge of nothing gives an empty list"


async def round_of(
    bench: Bench, gates_: dict[str, Gate], asker: ScriptedAsker | None, rounds: Any = (), engine: str = "model"
) -> Any:
    base = bench.run.instruction.base
    source = (await bench.tools.lay_out(base) / "rooms/bookings.py").read_text()
    edits = (Edit("rooms/bookings.py", source.replace("def merge", "LIMIT = 1\n\n\ndef merge").replace("sorted(", "list(")),)
    head = await bench.forge.commit(base, edits, "m", bench.run.id)
    changed = Changed(engine, head, Edits(edits, "w"), author="a:one" if engine == "model" else "")
    history = History(bench.tools.history.plan, replace(bench.spec, author="b:two"), changed, rounds=rounds)
    run = replace(bench.run, instruction=replace(bench.run.instruction, text=WISH))
    return await STAGE.run(run, replace(bench.tools, gates=gates_, history=history, asker=asker))


async def test_a_critic_is_asked_before_the_gates_and_its_examples_travel_as_data(bench: Bench) -> None:
    asker, known, eyes = criticising([{"counter_examples": [named("merge([])", QUOTE), named("merge([])", "made up words")]}])
    await round_of(bench, known, asker)
    criticism = eyes[0].criticism
    assert criticism is not None
    assert [each.call for each in criticism.challenges] == ["merge([])"]
    assert len(criticism.dropped) == 1
    (question,) = asker.asked(Duty.CRITIC)
    assert question.avoid == {"a:one", "b:two"}
    assert not any("HIDDEN" in each.text for each in question.passages), "held-out tests are nobody's but the gates'"
    assert "asking a critic" in bench.heard


async def test_nobody_is_asked_where_the_gate_is_off_or_no_model_is_there(bench: Bench) -> None:
    asker, known, eyes = criticising([])
    await round_of(bench, {"critic": known["critic"]}, None)
    assert eyes[0].criticism is None
    await round_of(bench, gates(passed("a", "fine")), asker)
    assert not asker.questions


async def test_a_critic_without_an_answer_stops_nothing(bench: Bench) -> None:
    asker, known, eyes = criticising([NoAnswer("a:one is rate limited")])
    outcome = await round_of(bench, known, asker)
    assert outcome.next is State.PROPOSING
    assert eyes[0].criticism == Criticism(unanswered="a:one is rate limited")


async def test_what_refuted_an_earlier_attempt_is_tried_again_and_goes_to_the_author(bench: Bench) -> None:
    row = {"call": "merge([])", "expected": "[]", "because": QUOTE, "author": "c:three", "ruling": "refuted"}
    finding = Finding("rooms/bookings.py", 1, "`merge([])` should give []", "critic-refuted")
    doubtful = {"call": "merge([(1, 2)])", "expected": "[]", "because": QUOTE, "ruling": "doubtful"}
    noise = [doubtful, "nonsense", {"ruling": "refuted", "call": 3}]
    red = failed("critic", "1 finding", (finding,), challenges=[row, *noise])
    asker, known, eyes = criticising([{"counter_examples": [named("merge([])", QUOTE), named("merge(())", QUOTE)]}])
    first = await round_of(bench, gates(red), None)
    assert first.next is State.CHANGING, "a refuted change goes back to its author, with the finding"
    await round_of(bench, known, asker, ((Changed("model", None, None), first.output),))
    criticism = eyes[0].criticism
    assert criticism is not None
    tried = [(each.call, each.author) for each in criticism.challenges]
    assert tried == [("merge([])", "c:three"), ("merge(())", "scripted:critic")]
    await round_of(bench, known, None, ((Changed("model", None, None), first.output),))
    assert eyes[1].criticism is not None, "also where no critic can be asked any more"


async def test_what_a_critic_said_elsewhere_is_taken_as_it_is(bench: Bench) -> None:
    asker, known, eyes = criticising([])
    base = bench.run.instruction.base
    head = await bench.forge.commit(base, (Edit("rooms/bookings.py", "X = 1\n"),), "m", bench.run.id)
    told = Criticism("a:one")
    await judge(replace(bench.tools, gates=known, asker=asker), base, head, WISH, None, criticism=told)
    assert eyes[0].criticism is told
    assert not asker.questions


async def test_a_change_that_is_taken_back_is_not_refuted(bench: Bench) -> None:
    asker, known, eyes = criticising([])
    base = bench.run.instruction.base
    head = await bench.forge.commit(base, (Edit("rooms/bookings.py", "X = 1\n"),), "m", bench.run.id)
    tools = replace(bench.tools, gates=known, asker=asker)
    await judge(tools, base, head, WISH, None, replace(ON_A_LAPTOP, reverts=True))
    assert eyes[0].criticism == Criticism(weighed=True)
    assert not asker.questions


async def test_what_search_made_has_been_weighed_and_a_critic_is_asked_all_the_same(bench: Bench) -> None:
    asker, known, eyes = criticising([{"counter_examples": [named("merge([])", QUOTE)]}])
    await round_of(bench, known, None, engine="search")
    await round_of(bench, known, asker, engine="search")
    assert eyes[0].criticism == Criticism(weighed=True)
    criticism = eyes[1].criticism
    assert criticism is not None
    assert ([each.call for each in criticism.challenges], criticism.weighed) == (["merge([])"], True)
