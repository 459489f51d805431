"""The coverage gate: changed lines and both ways out of changed branches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from bot.config import Config, Coverage
from bot.gate import GateResult, Severity, Subject, Verdict
from bot.gates.coverage import GATE
from bot.harness.harness import SuiteOrder, SuiteRun, TestOutcome, TestResult
from bot.ids import NodeId
from bot.lab import Lab

Subjects = Callable[..., Subject]
OLD = "def f(a):\n    return a\n"
NEW = """\
LIMIT: int

def f(a):
    '''Words.'''
    if a > 3:
        b = (
            a + 1
        )
    else:
        b = 0
    for each in range(b):
        a += each
    while True:
        return a
"""
ALL = frozenset({1, 3, 5, 6, 7, 10, 11, 12, 13, 14})
ARCS = frozenset({(-3, 5), (5, 7), (5, 10), (6, 11), (10, 11), (11, 12), (12, 11), (11, 13), (13, 14), (14, -3), (5, 6)})


class TracedLab:
    """Answers with a trace of the head; on the base everything ran."""

    seed = 0

    def __init__(self, lines: frozenset[int], arcs: frozenset[tuple[int, int]], *, trusted: bool = True) -> None:
        self._run = SuiteRun((), trusted, "a canary died", covered={"m.py": lines}, arcs={"m.py": arcs})

    def suite(self, root: Path, _tests: tuple[NodeId, ...], _order: SuiteOrder, *, trace: bool) -> SuiteRun:
        assert trace
        return self._run if root.name == "head" else SuiteRun((), trusted=True, covered={"m.py": frozenset({1, 2})})


Judged = Callable[..., GateResult]


@pytest.fixture
def judged(subject: Subjects) -> Judged:
    def judge(lab: TracedLab, old: str = OLD, new: str = NEW, config: Config | None = None) -> GateResult:
        asked = subject({"m.py": old}, {"m.py": new}, config=config)
        return GATE.judge(replace(asked, lab=cast("Lab", lab)))

    return judge


def test_all_lines_and_branches_run(judged: Judged) -> None:
    found = judged(TracedLab(ALL, ARCS))
    assert found.verdict is Verdict.PASS, found
    assert found.summary == "7 of 7 changed statements and 4 of 4 branches are run by some test"
    assert found.evidence["changed_branches"] == 1.0


def test_a_line_no_test_runs(judged: Judged) -> None:
    found = judged(TracedLab(ALL - {10}, ARCS - {(5, 10), (10, 11)}))
    assert found.verdict is Verdict.FAIL
    assert {(each.line, each.rule) for each in found.findings} >= {(10, "line"), (5, "branch")}


def test_a_loop_that_never_runs_empty_or_never_runs_at_all(judged: Judged) -> None:
    found = judged(TracedLab(ALL - {12}, ARCS - {(11, 12), (12, 11)}), config=Config(coverage=Coverage(changed_lines=0.5)))
    branch = next(each for each in found.findings if each.rule == "branch")
    assert branch.message == "no test shows what happens inside the loop"


def test_few_misses_under_a_softer_limit_are_warnings(judged: Judged) -> None:
    soft = Config(coverage=Coverage(changed_lines=0.5, changed_branches=0.5))
    found = judged(TracedLab(ALL - {10}, ARCS - {(5, 10), (10, 11)}), config=soft)
    assert {each.severity for each in found.findings if each.rule in {"line", "branch"}} == {Severity.WARNING}


def test_the_floor_and_a_fall(judged: Judged) -> None:
    found = judged(TracedLab(frozenset({3}), frozenset()), config=Config(coverage=Coverage(floor=0.9)))
    assert "floor" in {each.rule for each in found.findings}
    fallen = judged(TracedLab(ALL - {10}, ARCS), config=Config(coverage=Coverage(changed_lines=0.5)))
    assert "fallen" in {each.rule for each in fallen.findings}


def test_what_only_a_failing_test_ran_on_the_base_is_no_loss(subject: Subjects) -> None:
    text = "def f():\n    return 1\n\n\ndef g():\n    return 2\n"
    bad, good = NodeId("t.py::test_bad"), NodeId("t.py::test_good")
    only_bad = {"m.py": frozenset({6})}

    class Lab:
        def suite(self, root: Path, *_: object, **__: object) -> SuiteRun:
            before = root.name != "head"
            results = (
                TestResult(bad, TestOutcome.FAILED if before else TestOutcome.PASSED),
                TestResult(good, TestOutcome.PASSED),
            )
            covered = {"m.py": frozenset({1, 2, 5, 6}) if before else frozenset({1, 2, 5})}
            by = {bad: only_bad if before else {}, good: {"m.py": frozenset({2})}}
            return SuiteRun(results, trusted=True, covered=covered, covered_by=by)

    asked = subject({"m.py": text}, {"m.py": text.replace("1", "3")})
    assert GATE.judge(replace(asked, lab=cast("Any", Lab()))).verdict is Verdict.PASS


def test_for_real(at_work: Subjects) -> None:
    tests = "from m import f\n\ndef test_f():\n    assert f(5) == 6\n"
    new = NEW.replace("return a", "return b")
    found = GATE.judge(at_work({"m.py": OLD, "test_m.py": tests}, {"m.py": new, "test_m.py": tests}))
    assert found.verdict is Verdict.FAIL
    assert [(each.line, each.rule) for each in found.findings if each.rule != "fallen"] == [(10, "line"), (5, "branch")]


def test_nothing_to_judge(judged: Judged) -> None:
    assert judged(TracedLab(ALL, ARCS), OLD, OLD + "# words\n").verdict is Verdict.NOT_APPLICABLE
    removed = judged(TracedLab(ALL, ARCS), OLD.replace("    return a", "    a += 1\n    return a"), OLD)
    assert removed.verdict is Verdict.NOT_APPLICABLE


def test_a_run_that_cannot_be_trusted_is_an_error(judged: Judged) -> None:
    assert judged(TracedLab(ALL, ARCS, trusted=False)).verdict is Verdict.ERROR
