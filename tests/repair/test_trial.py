from __future__ import annotations

import time
from collections.abc import Callable

from bot.harness.harness import SuiteRun, TestOutcome, TestResult, Variants
from bot.ids import NodeId
from bot.repair.enumeration import Candidate
from bot.repair.trial import HUNG_COST, Budget, Trial, in_order

Plain = Callable[[str, dict[str, str]], Variants]
BASE = "def f(x):\n    return x\n"
TESTS = {"witness": "f(2) == 4", "other": "f(3) == 6", "guard": "f(0) == 0"}


def _candidate(body: str) -> Candidate:
    return Candidate((), "m.py", f"def f(x):\n    {body}\n", 1.0, 2)


def _trial(plain: Plain) -> Trial:
    return Trial(plain(BASE, TESTS), (NodeId("witness"), NodeId("other")), (NodeId("guard"),))


def _budget(work: int = 100) -> Budget:
    return Budget(work, time.monotonic() + 60)


def test_what_the_tests_say(plain: Plain) -> None:
    bodies = ["return 2 * x", "return x + 2", "return 1 + x", "raise TimeoutError", "return x"]
    found = list(_trial(plain).run(map(_candidate, bodies), _budget(), thorough=True))
    assert [each.passed for each in found] == [True, False, False, False, False]
    assert [each.witnesses for each in found] == [2, 1, 0, 0, 0]
    assert [each.lost for each in found] == [0, 1, 1, 1, 0]
    assert [each.hung for each in found] == [False, False, False, True, False]
    assert [each.changed for each in found] == [True, True, False, False, False]


def test_a_budget_counts_candidates_and_hanging_ones_many_times(plain: Plain) -> None:
    budget = _budget(3)
    assert len(list(_trial(plain).run(map(_candidate, ["return x"] * 9), budget))) == 3
    budget = _budget(HUNG_COST)
    assert len(list(_trial(plain).run(map(_candidate, ["raise TimeoutError"] * 9), budget))) == 1
    assert budget.spent == HUNG_COST


def test_the_clock_is_a_backstop(plain: Plain) -> None:
    budget = Budget(100, time.monotonic() - 1)
    assert list(_trial(plain).run([_candidate("return x")], budget)) == []
    assert budget.late


def test_cheap_tests_first_hanging_ones_last() -> None:
    results = (
        TestResult(NodeId("hangs"), TestOutcome.TIMED_OUT),
        TestResult(NodeId("slow"), TestOutcome.FAILED, 3.0),
        TestResult(NodeId("middling"), TestOutcome.FAILED, 0.05),
        TestResult(NodeId("quick"), TestOutcome.FAILED, 0.002),
        TestResult(NodeId("quicker"), TestOutcome.FAILED, 0.001),
    )
    tests = [each.id for each in results]
    assert in_order(SuiteRun(results, trusted=True), tests) == ("quick", "quicker", "middling", "slow", "hangs")
