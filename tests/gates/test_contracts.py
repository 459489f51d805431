"""The contracts gate, on small projects that really run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.gate import GateResult, Severity, Subject, Verdict
from bot.gates.contracts import GATE

AtWork = Callable[..., Subject]
Judged = Callable[..., GateResult]
TEST = """\
from m import f

def test_f():
    assert f([3, 1]) == [1, 3]
    assert f([2]) == [2]
    assert f([5, 4, 9]) == [4, 5, 9]
"""


@pytest.fixture
def judged(at_work: AtWork) -> Judged:
    def judge(old: str, new: str, instruction: str = "", test: str = TEST) -> GateResult:
        return GATE.judge(at_work({"m.py": old, "test_m.py": test}, {"m.py": new, "test_m.py": test}, instruction))

    return judge


def rules(found: GateResult) -> set[str]:
    return {each.rule for each in found.findings if each.severity is Severity.ERROR}


def test_an_honest_change_keeps_its_promises(judged: Judged) -> None:
    found = judged("def f(a):\n    return a\n", "def f(a):\n    return sorted(a)\n", "Fix f: it should sort the list.")
    assert found.verdict is Verdict.PASS, found
    assert found.evidence["functions"] == ["f"]
    assert found.evidence["calls"] > 20


def test_written_down_answers_are_found_without_running(judged: Judged) -> None:
    new = "def f(a):\n    if a == [3, 1]:\n        return [1, 3]\n    return a\n"
    found = judged("def f(a):\n    return a\n", new)
    assert "written-answer" in rules(found)
    assert any(each.line == 2 for each in found.findings)


def test_an_effect_on_the_examples_alone(judged: Judged) -> None:
    odd = "def f(a):\n    key = '-'.join(map(str, a))\n    return sorted(a) if key in ('3-1', '5-4-9') else a\n"
    assert "confined-to-examples" in rules(judged("def f(a):\n    return a\n", odd))


def test_an_example_of_the_instruction_that_no_test_has(judged: Judged) -> None:
    found = judged("def f(a):\n    return a\n", "def f(a):\n    return sorted(a)\n", "f([7, 6]) should return [7, 6]")
    assert "instruction-example" in rules(found)
    fine = judged("def f(a):\n    return a\n", "def f(a):\n    return sorted(a)\n", ">>> f([7, 6])\n[6, 7]\n")
    assert fine.verdict is Verdict.PASS


def test_where_instruction_and_tests_disagree_the_tests_are_right(judged: Judged) -> None:
    found = judged("def f(a):\n    return a\n", "def f(a):\n    return sorted(a)\n", "f([3, 1]) should return [3, 1]")
    assert found.verdict is Verdict.PASS


def test_accidents_on_inputs_like_the_examples(judged: Judged) -> None:
    new = "def f(a):\n    for each in a:\n        last = each\n    return sorted(a) if last else a\n"
    found = judged("def f(a):\n    return a\n", new)
    assert "accident" in rules(found)


def test_what_was_called_before_makes_no_difference(judged: Judged) -> None:
    new = "def f(a, seen=[]):\n    seen.append(len(a))\n    return sorted(a) if len(seen) < 9 else a\n"
    assert "remembers-calls" in rules(judged("def f(a):\n    return a\n", new))
    asked = "import random\n" + new
    assert "remembers-calls" not in rules(judged("def f(a):\n    return a\n", asked))


def test_no_function_changed(judged: Judged) -> None:
    assert judged("X = 1\n", "X = 2\n").verdict is Verdict.NOT_APPLICABLE


def test_nobody_could_be_called_so_nothing_is_kept(judged: Judged) -> None:
    code = "import no_such_module_anywhere as n\ndef f(sock: n.Socket) -> int:\n    return {}\n"
    found = judged(code.format(1), code.format(2), test="def test(): pass\n")
    assert found.verdict is Verdict.NOT_APPLICABLE, found.summary
    assert "could be called" in found.summary


def test_each_contract_is_told_with_its_outcome(judged: Judged) -> None:
    kept = judged("def f(a):\n    return a\n", "def f(a):\n    return sorted(a)\n", "Fix f: it should sort the list.")
    told = kept.evidence["contracts"]
    assert {each["outcome"] for each in told} == {"kept"}
    assert all(each["function"] == "m.py::f" and each["fault"] and each["calls"] for each in told)
    assert {"accident", "argument-changed"} <= {each["rule"] for each in told}
    new = "def f(a):\n    for each in a:\n        last = each\n    return sorted(a) if last else a\n"
    broken = [each for each in judged("def f(a):\n    return a\n", new).evidence["contracts"] if each["outcome"] == "broken"]
    assert [(each["rule"], bool(each["call"] and each["gave"])) for each in broken] == [("accident", True)]
