"""The tests gate: nothing lost, nothing silenced, nobody blamed for what was there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from bot.gate import GateResult, Severity, Subject, Verdict
from bot.gates.tests import GATE
from bot.harness.harness import SuiteOrder, SuiteRun, TestOutcome, TestResult
from bot.ids import NodeId
from bot.lab import Lab

Subjects = Callable[..., Subject]
A, B, C = (NodeId(f"tests/test_m.py::test_{each}") for each in "abc")
PASSED, FAILED, SKIPPED = TestOutcome.PASSED, TestOutcome.FAILED, TestOutcome.SKIPPED
Outcomes = Mapping[NodeId, TestOutcome]


class OutcomesLab:
    """Answers runs of the suite from lists of outcomes, one list a tree; the last one repeats."""

    seed = 0

    def __init__(self, base: list[Outcomes], head: list[Outcomes], distrusted: str = "") -> None:
        self._runs = {"base": list(base), "head": list(head)}
        self._distrusted = distrusted
        self._last: dict[str, Outcomes] = {}
        self._traced_passed: dict[str, bool] = {}

    def suite(self, root: Path, tests: tuple[NodeId, ...], _order: SuiteOrder, *, trace: bool = False) -> SuiteRun:
        assert not (tests and trace)
        runs = self._runs[root.name]
        again = bool(tests) and not self._traced_passed[root.name]
        self._traced_passed[root.name] = True
        outcomes = self._last[root.name] if again else runs.pop(0) if len(runs) > 1 else runs[0]
        if trace:
            self._last[root.name] = outcomes
            bad = set(outcomes.values()) - {PASSED, SKIPPED, TestOutcome.XFAILED, TestOutcome.XPASSED}
            self._traced_passed[root.name] = not bad
        results = tuple(TestResult(test, each, message="boom") for test, each in outcomes.items() if not tests or test in tests)
        distrusted = root.name == self._distrusted
        return SuiteRun(results, not distrusted, "a canary lived" if distrusted else "")


Judged = Callable[..., GateResult]


@pytest.fixture
def judged(subject: Subjects) -> Judged:
    def judge(
        base: list[Outcomes], head: list[Outcomes], files: Mapping[str, str] | None = None, distrusted: str = ""
    ) -> GateResult:
        asked = subject({"m.py": "x = 1\n"}, files or {"m.py": "x = 2\n"})
        return GATE.judge(replace(asked, lab=cast("Lab", OutcomesLab(base, head, distrusted))))

    return judge


def rules(found: GateResult, severity: Severity = Severity.ERROR) -> list[str]:
    return [each.rule for each in found.findings if each.severity is severity]


def test_what_passed_still_passes_and_new_tests_pass(judged: Judged) -> None:
    found = judged([{A: PASSED}], [{A: PASSED, B: PASSED}])
    assert found.verdict is Verdict.PASS
    assert found.evidence["base"] == {"outcomes": {"passed": 1}, "failing": []}
    assert "canaries" in found.evidence


def test_a_test_that_fails_now_is_blamed_on_the_change(judged: Judged) -> None:
    found = judged([{A: PASSED}], [{A: FAILED}])
    assert found.verdict is Verdict.FAIL
    assert rules(found) == ["test-fails"]
    assert "boom" in found.findings[0].message
    assert found.findings[0].path == "tests/test_m.py"


def test_what_failed_before_is_only_noted(judged: Judged) -> None:
    found = judged([{A: FAILED, B: PASSED}], [{A: FAILED, B: PASSED}])
    assert found.verdict is Verdict.PASS
    assert rules(found, Severity.NOTE) == ["failed-before"]
    assert found.evidence["failed_before"] == [A]


@pytest.mark.parametrize(
    ("base", "head", "rule"),
    [
        ({A: PASSED, B: PASSED}, {B: PASSED}, "test-gone"),
        ({A: FAILED, B: PASSED}, {B: PASSED}, "test-gone"),
        ({A: PASSED}, {A: SKIPPED}, "test-silenced"),
        ({A: PASSED}, {A: TestOutcome.TIMED_OUT}, "test-fails"),
        ({A: PASSED}, {A: TestOutcome.CRASHED}, "test-fails"),
        ({A: PASSED}, {A: PASSED, B: FAILED}, "new-test-fails"),
        ({A: PASSED}, {A: PASSED, B: SKIPPED}, "more-skips"),
        ({A: PASSED}, {}, "test-gone"),
    ],
)
def test_ways_to_go_red(judged: Judged, base: Outcomes, head: Outcomes, rule: str) -> None:
    found = judged([base], [head])
    assert found.verdict is Verdict.FAIL
    assert rule in rules(found)


def test_a_test_that_wavers_on_both_sides_is_quarantined(judged: Judged) -> None:
    found = judged([{A: PASSED}, {A: FAILED}], [{A: PASSED}, {A: FAILED}])
    assert found.verdict is Verdict.PASS
    assert found.evidence["quarantined"] == [{"test": A, "hours": 48}]
    assert rules(found, Severity.WARNING) == ["flaky"]


def test_a_test_that_only_wavers_on_the_head_is_the_changes_doing(judged: Judged) -> None:
    found = judged([{A: PASSED}], [{A: PASSED}, {A: FAILED}])
    assert rules(found) == ["flaky-new"]


@pytest.mark.parametrize("tree", ["base", "head"])
def test_a_run_that_cannot_be_trusted_is_an_error(judged: Judged, tree: str) -> None:
    found = judged([{A: PASSED}], [{A: PASSED}], distrusted=tree)
    assert found.verdict is Verdict.ERROR
    assert tree in found.summary


def test_no_tests_anywhere_is_nothing_to_judge(judged: Judged) -> None:
    assert judged([{}], [{}]).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(("new", "said"), [("def f(n):\n    return n + 1\n", ["test-fails"]), ("def f(n):\n    return +n\n", [])])
def test_for_real(at_work: Subjects, new: str, said: list[str]) -> None:
    old = "def f(n):\n    return n\n"
    tests = "from m import f\n\ndef test_a():\n    assert f(1) == 1\n\ndef test_b():\n    assert f(1) < 3\n"
    found = GATE.judge(at_work({"m.py": old, "tests/test_m.py": tests}, {"m.py": new, "tests/test_m.py": tests}))
    assert rules(found) == said
    assert all("test_a" in each.message for each in found.findings)


@pytest.mark.parametrize(("new", "said"), [("n - 1", ["still-fails"]), ("n + 1", [])])
def test_a_change_must_mend_what_fails_on_the_code_it_touches(at_work: Subjects, new: str, said: list[str]) -> None:
    old = "def f(n):\n    raise NotImplementedError\n\n\ndef g(n):\n    return n\n"
    tests = "from m import f, g\n\ndef test_f():\n    assert f(1) == 2\n\ndef test_g():\n    assert g(1) == 2\n"
    head = old.replace("raise NotImplementedError", f"return {new}")
    found = GATE.judge(at_work({"m.py": old, "tests/test_m.py": tests}, {"m.py": head, "tests/test_m.py": tests}))
    assert rules(found) == said
    assert rules(found, Severity.NOTE) == ["failed-before"]


class SlowTracing:
    """Under tracing, a test runs out of time; else it passes."""

    seed = 0

    def suite(self, _root: Path, _tests: tuple[NodeId, ...], _order: SuiteOrder, *, trace: bool = False) -> SuiteRun:
        return SuiteRun((TestResult(A, TestOutcome.TIMED_OUT if trace else PASSED),), trusted=True)


def test_a_test_that_only_tracing_slows_down_is_not_blamed(subject: Subjects) -> None:
    asked = subject({"m.py": "x = 1\n"}, {"m.py": "x = 2\n"})
    found = GATE.judge(replace(asked, lab=cast("Lab", SlowTracing())))
    assert found.verdict is Verdict.PASS
    assert found.evidence["base"] == {"outcomes": {"passed": 1}, "failing": []}


def test_an_expected_failure_that_passes_is_no_harm(judged: Judged) -> None:
    assert judged([{C: TestOutcome.XFAILED}], [{C: TestOutcome.XPASSED}]).verdict is Verdict.PASS


@pytest.mark.parametrize("name", ["tests.py", "app/tests.py", "test.py"])
def test_unittests_in_a_file_that_pytest_does_not_look_into_are_run(at_work: Subjects, name: str) -> None:
    test = (
        "import unittest\nfrom calc import add\n\nclass T(unittest.TestCase):\n    def test_add(self):\n        assert {} == 5\n"
    )
    files = {"calc.py": "def add(a, b):\n    return a + b\n", name: test.format("add(2, 3)")}
    found = GATE.judge(at_work(files, {**files, "calc.py": "def add(a, b):\n    return a - b\n"}))
    assert found.verdict is Verdict.FAIL
    assert f"{name}::T::test_add passed before" in found.summary


def test_tests_that_nobody_collects_are_an_error(at_work: Subjects) -> None:
    files = {
        "pytest.ini": "[pytest]\npython_files = check_*.py\n",
        "tests/test_a.py": "def test_a():\n    assert False\n",
        "a.py": "",
    }
    found = GATE.judge(at_work(files, {**files, "a.py": "x = 1\n"}))
    assert found.verdict is Verdict.ERROR
    assert "tests/test_a.py" in found.summary
