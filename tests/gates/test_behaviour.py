"""The behaviour gate: differences are shown, and forbidden where behaviour was to stay."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.gate import GateResult, Subject, Verdict
from bot.gates.behaviour import GATE

AtWork = Callable[..., Subject]
TEST = "from m import f\n\ndef test_f():\n    assert f(4) == 5\n"
OLD = "def f(n):\n    return n + 1\n"
NEW = "def f(n):\n    return n + 1 if n > 0 else 0\n"


@pytest.fixture
def judged(at_work: AtWork) -> Callable[..., GateResult]:
    def judge(old: str, new: str, instruction: str) -> GateResult:
        return GATE.judge(at_work({"m.py": old, "test_m.py": TEST}, {"m.py": new, "test_m.py": TEST}, instruction))

    return judge


def test_differences_are_shown(judged: Callable[..., GateResult]) -> None:
    found = judged(OLD, NEW, "Fix f: nothing should give more than nothing")
    assert found.verdict is Verdict.PASS
    rows = found.evidence["differences"]
    assert {"call": "f(0)", "before": "1", "after": "0", "asked_for": False} in rows


def test_a_refactoring_may_change_nothing(judged: Callable[..., GateResult]) -> None:
    found = judged(OLD, NEW, "Refactor f for readability")
    assert found.verdict is Verdict.FAIL
    assert "f(0) gave 1 and now 0" in found.findings[0].message
    same = judged(OLD, "def f(n):\n    return 1 + n\n", "Refactor f for readability")
    assert same.verdict is Verdict.PASS
    assert same.summary.startswith("none of ")


def test_new_functions_have_nothing_to_differ_from(judged: Callable[..., GateResult]) -> None:
    assert judged("", OLD, "Add f").verdict is Verdict.NOT_APPLICABLE


def test_functions_that_cannot_be_called(judged: Callable[..., GateResult]) -> None:
    old = "class A:\n    def g(self, other):\n        return 1\n"
    assert judged(old, old.replace("return 1", "return 2"), "Fix g").verdict is Verdict.NOT_APPLICABLE
