"""A revert undoes exactly the other change, is refused where it is not clean, and is not held to the gates of new code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.change.change import Change, Edit
from bot.change.diff import compare
from bot.decision.taking_back import OF_NEW_CODE, excused
from bot.errors import Refused
from bot.gate import Finding, GateResult, Severity, Tree, Verdict
from bot.history import Changed, History
from bot.ids import RunId, Sha
from bot.run import Reverted, State
from bot.stages import change, check
from tests.stages.conftest import Bench, bench

__all__ = ["bench"]
OLD = RunId("01JOLDRUN00000000000000000")


async def merged(bench: Bench, edits: tuple[Edit, ...], since: tuple[Edit, ...] = ()) -> Bench:
    """Return a run that takes back a change of these edits, after others came."""
    base = bench.run.instruction.base
    head = await bench.forge.commit(base, edits, "Change it", OLD)
    now = await bench.forge.commit(head, since, "Go on", RunId("01JOTHER000000000000000000")) if since else head
    wish = replace(bench.run.instruction, text="Revert #7: Change it", base=now, reverts=Reverted(OLD, base, head))
    bench.run = replace(bench.run, instruction=wish)
    bench.tools = replace(bench.tools, history=History())
    return bench


async def test_the_change_is_undone_on_top_of_what_came_since(bench: Bench) -> None:
    first = (Edit("rooms/new.py", "X = 1\n"), Edit("README.md", "other\n"))
    found = await merged(bench, first, (Edit("rooms/later.py", "Y = 1\n"),))
    outcome = await change.STAGE.run(found.run, found.tools)
    assert (outcome.next, outcome.reason) == (State.CHECKING, "Revert #7: Change it")
    assert isinstance(outcome.output, Changed)
    assert outcome.output.head is not None
    undone = await found.forge.change(found.run.instruction.base, outcome.output.head)
    assert sorted(each.path for each in undone.files) == ["README.md", "rooms/new.py"]
    before = Tree(Sha(""), await found.tools.lay_out(found.run.instruction.reverts.base))  # type: ignore[union-attr]
    after = Tree(Sha(""), await found.tools.lay_out(outcome.output.head))
    assert after.text("README.md") == before.text("README.md")
    assert after.text("rooms/new.py") is None
    assert after.text("rooms/later.py") == "Y = 1\n"
    again = await change.STAGE.run(found.run, found.tools)
    assert again.output == outcome.output


async def test_what_would_not_revert_cleanly_is_refused_with_the_file(bench: Bench) -> None:
    found = await merged(bench, (Edit("rooms/new.py", "X = 1\n"),), (Edit("rooms/new.py", "X = 2\n"),))
    with pytest.raises(Refused, match=r"does not revert cleanly: rooms/new\.py was changed"):
        await change.STAGE.run(found.run, found.tools)


async def test_what_is_undone_already_is_refused(bench: Bench) -> None:
    found = await merged(bench, (Edit("rooms/new.py", "X = 1\n"),), (Edit("rooms/new.py", None),))
    with pytest.raises(Refused, match="nothing to take back"):
        await change.STAGE.run(found.run, found.tools)


async def test_it_is_judged_without_a_spec_and_never_goes_back_to_changing(bench: Bench) -> None:
    found = await merged(bench, (Edit("rooms/new.py", "X = 1\n"),))
    made = (await change.STAGE.run(found.run, found.tools)).output
    assert isinstance(made, Changed)
    no_lab: Any = None

    async def lab(_commit: Sha) -> Any:
        return no_lab

    class Red:
        here = False

        async def run(self, *_: Any) -> tuple[GateResult, ...]:
            return (GateResult("mutation", Verdict.FAIL, "weak"), GateResult("secrets", Verdict.FAIL, "a key"))

    tools = replace(found.tools, history=History(changed=made), lab=lab, runner=Red())
    outcome = await check.STAGE.run(replace(found.run, state=State.CHECKING), tools)
    assert outcome.next is State.PROPOSING
    assert outcome.output is not None
    assert [each.required for each in outcome.output.gates] == [False, True]  # type: ignore[union-attr]
    assert outcome.output.decision.deny == ("gates: secrets said fail: a key",)  # type: ignore[union-attr]


CHANGE = Change(Sha("a" * 40), Sha("b" * 40), (compare("tests/test_a.py", "x\n", ""),), "")


def gone(path: str, rule: str = "test-gone") -> Finding:
    return Finding(path, 1, "gone", rule)


@pytest.mark.parametrize(
    ("result", "required"),
    [
        *((GateResult(name, Verdict.FAIL, ""), False) for name in sorted(OF_NEW_CODE)),
        *((GateResult(name, Verdict.ERROR, ""), True) for name in sorted(OF_NEW_CODE)),
        (GateResult("security", Verdict.FAIL, ""), True),
        (GateResult("policy", Verdict.FAIL, ""), False),
        (GateResult("tests", Verdict.FAIL, "", (gone("tests/test_a.py"),)), False),
        (GateResult("tests", Verdict.FAIL, "", (gone("tests/test_b.py"),)), True),
        (GateResult("tests", Verdict.FAIL, "", (gone("tests/test_a.py"), gone("tests/test_a.py", "test-fails"))), True),
        (GateResult("tests", Verdict.FAIL, "", (Finding("", 1, "x", "note", Severity.NOTE),)), True),
        (GateResult("tests", Verdict.PASS, ""), True),
    ],
)
def test_what_a_revert_is_not_held_to(result: GateResult, required: bool) -> None:
    assert [each.required for each in excused([result], CHANGE)] == [required]
