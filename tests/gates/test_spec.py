"""The spec gate: intact to the byte, and passing in every order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from bot.gate import Subject, Verdict
from bot.gates.spec import GATE
from bot.harness.harness import SuiteOrder, SuiteRun, TestOutcome, TestResult
from bot.ids import Digest, NodeId
from bot.lab import Lab
from bot.mutation.mutation import JudgedMutant, KillMatrix, Mutant, MutantStatus
from bot.spec.lock import lock
from bot.spec.spec import Role, Source, Spec, SpecFile, SpecTest

Subjects = Callable[..., Subject]
PATH = "tests/test_pawl_x.py"
TEXT = "def test_a():\n    assert f() == 1\n"
SHOWN, HIDDEN = NodeId(f"{PATH}::test_a"), NodeId(f"{PATH}::test_b")


def mutant(status: MutantStatus, *killers: NodeId) -> JudgedMutant:
    return JudgedMutant(Mutant("1", "m.py", 1, "number", "", ""), status, killers)


class OutcomesLab:
    """Answers each run of the spec from a list of outcomes."""

    seed = 7

    def __init__(self, *runs: dict[NodeId, TestOutcome], trusted: bool = True) -> None:
        self._runs = list(runs)
        self._trusted = trusted
        self.orders: list[SuiteOrder] = []
        self.matrix = KillMatrix((mutant(MutantStatus.KILLED, SHOWN),), (SHOWN,))
        self.judging: tuple[NodeId, ...] = ()

    def kill_matrix(self, _root: object, _lines: object, tests: tuple[NodeId, ...], *, every_killer: bool) -> KillMatrix:
        assert every_killer
        self.judging = tests
        return self.matrix

    def suite(self, _root: object, _tests: tuple[NodeId, ...], order: SuiteOrder) -> SuiteRun:
        self.orders.append(order)
        outcomes = self._runs.pop(0) if len(self._runs) > 1 else self._runs[0]
        results = tuple(TestResult(test, outcome, message="1 != 2") for test, outcome in outcomes.items())
        return SuiteRun(results, self._trusted, "" if self._trusted else "a canary died")


GOOD = {SHOWN: TestOutcome.PASSED, HIDDEN: TestOutcome.PASSED}


@pytest.fixture
def specified(subject: Subjects) -> Callable[..., tuple[Subject, OutcomesLab]]:
    def build(lab: OutcomesLab, head: str = TEXT, **changes: Any) -> tuple[Subject, OutcomesLab]:
        found = subject({}, {"m.py": "x = 1\n", PATH: head})
        tests = (
            SpecTest(SHOWN, Role.WITNESS, Source.EXAMPLE, kept=True, kills=1, reason="fails on the base"),
            SpecTest(HIDDEN, Role.GUARD, Source.DOCSTRING, kept=True, kills=1, reason="kills", held_out=True),
        )
        spec = lock(found.base.root, changes.pop("tests", tests), (SpecFile(PATH, TEXT),), 1.0)
        return replace(found, spec=replace(spec, **changes), lab=cast("Lab", lab)), lab

    return build


Specified = Callable[..., tuple[Subject, OutcomesLab]]


def test_without_a_spec_there_is_nothing_to_judge(subject: Subjects) -> None:
    assert GATE.judge(subject({}, {})).verdict is Verdict.NOT_APPLICABLE


def test_an_intact_spec_that_passes_in_every_order(specified: Specified) -> None:
    asked, lab = specified(OutcomesLab(GOOD))
    found = GATE.judge(asked)
    assert found.verdict is Verdict.PASS
    assert "1 of them held out" in found.summary
    assert len({each.hash_seed for each in lab.orders}) == 3
    assert lab.orders[0].order_seed is None


def test_each_witness_must_kill_a_mutant_of_the_change(specified: Specified) -> None:
    asked, lab = specified(OutcomesLab(GOOD))
    found = GATE.judge(asked)
    assert lab.judging == (SHOWN,), "guards have shown their strength on the base"
    assert "every witness kills at least one of 1 mutant of the changed lines" in found.summary
    assert found.evidence["witnesses"] == {SHOWN: 1}
    lab.matrix = KillMatrix((mutant(MutantStatus.SURVIVED),), (SHOWN,))
    weak = GATE.judge(asked)
    assert weak.verdict is Verdict.FAIL
    assert weak.findings[0].rule == "weak-witness"
    assert f"{SHOWN} is weak: it kills none of 1 mutant" in weak.findings[0].message


def test_a_weak_witness_that_is_held_out_stays_hidden(specified: Specified) -> None:
    hidden = SpecTest(HIDDEN, Role.WITNESS, Source.EXAMPLE, kept=True, kills=1, reason="fails on the base", held_out=True)
    asked, lab = specified(OutcomesLab(GOOD), tests=(hidden,))
    lab.matrix = KillMatrix((mutant(MutantStatus.SURVIVED),), (HIDDEN,))
    found = GATE.judge(asked)
    assert found.verdict is Verdict.FAIL
    assert "a held-out test of the spec is weak" in found.findings[0].message
    assert "test_b" not in found.findings[0].message


@pytest.mark.parametrize("mutants", [(), (mutant(MutantStatus.EQUIVALENT),)])
def test_a_change_without_mutants_is_said_and_no_fault(specified: Specified, mutants: tuple[JudgedMutant, ...]) -> None:
    asked, lab = specified(OutcomesLab(GOOD))
    lab.matrix = KillMatrix(mutants, (SHOWN,))
    found = GATE.judge(asked)
    assert found.verdict is Verdict.PASS
    assert "nothing of the change can be broken on purpose" in found.summary


def test_mutants_that_cannot_be_judged_are_an_error(specified: Specified) -> None:
    asked, lab = specified(OutcomesLab(GOOD))
    lab.matrix = KillMatrix((), (), why_not="the null mutant died")
    found = GATE.judge(asked)
    assert found.verdict is Verdict.ERROR
    assert "the null mutant died" in found.summary


def test_a_changed_byte_fails_before_anything_runs(specified: Specified) -> None:
    asked, lab = specified(OutcomesLab(GOOD), TEXT + "\n")
    found = GATE.judge(asked)
    assert found.verdict is Verdict.FAIL
    assert found.findings[0].path == PATH
    assert not lab.orders


def test_a_failure_in_any_order_counts_and_a_held_out_test_stays_hidden(specified: Specified) -> None:
    asked, _ = specified(OutcomesLab(GOOD, {SHOWN: TestOutcome.FAILED, HIDDEN: TestOutcome.SKIPPED}))
    found = GATE.judge(asked)
    assert found.verdict is Verdict.FAIL
    messages = [each.message for each in found.findings]
    assert any(str(SHOWN) in each and "1 != 2" in each for each in messages)
    assert not any("test_b" in each for each in messages)


def test_a_test_that_is_not_collected_fails(specified: Specified) -> None:
    asked, _ = specified(OutcomesLab({SHOWN: TestOutcome.PASSED}))
    assert GATE.judge(asked).verdict is Verdict.FAIL


def test_a_run_that_cannot_be_trusted_is_an_error(specified: Specified) -> None:
    asked, _ = specified(OutcomesLab(GOOD, trusted=False))
    found = GATE.judge(asked)
    assert found.verdict is Verdict.ERROR
    assert "canary" in found.summary


def test_an_empty_spec_proves_nothing(specified: Specified) -> None:
    asked, _ = specified(OutcomesLab(GOOD), tests=())
    assert GATE.judge(asked).verdict is Verdict.ERROR


def test_a_forged_digest_is_seen(specified: Specified) -> None:
    asked, _ = specified(OutcomesLab(GOOD), digest=Digest("sha256:0"))
    assert isinstance(asked.spec, Spec)
    assert GATE.judge(asked).verdict is Verdict.FAIL
