from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from bot.engine import Workbench
from bot.harness.harness import SuiteRun, TestOutcome, TestResult
from bot.ids import Digest, NodeId, RepoName, Sha
from bot.lab import Lab
from bot.repair.case import Case, case_of, probes
from bot.run import Instruction, Verb
from bot.spec.spec import Role, Source, Spec, SpecTest

BAD, GOOD = NodeId("tests/test_m.py::bad"), NodeId("tests/test_m.py::good")
FILES = {
    "m.py": "def f(x):\n    return x\n\n\ndef g(n: int):\n    return n\n",
    "broken.py": "def (\n",
    "tests/test_m.py": "from m import f\n\ndef bad():\n    assert f(2) == 4\n",
}


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    tests = tuple(
        SpecTest(name, role, Source.NAMED, kept=True, kills=1, reason="")
        for name, role in ((BAD, Role.WITNESS), (GOOD, Role.GUARD))
    )
    instruction = Instruction(Verb.FIX, "f is wrong", RepoName("local"), Sha("0" * 40))
    spec = Spec(tests, (), (), Digest("sha256:0"))
    return Workbench(tmp_path, cast("Lab", None), instruction, spec, (BAD, GOOD, NodeId("gone.py::t")), "search", {})


def _run(covered: dict[str, frozenset[int]], outcome: TestOutcome = TestOutcome.FAILED) -> SuiteRun:
    results = (TestResult(BAD, outcome), TestResult(GOOD, TestOutcome.PASSED))
    return SuiteRun(results, trusted=True, covered_by={BAD: covered, GOOD: covered})


def test_a_case_knows_what_to_mend(bench: Workbench) -> None:
    covered = {
        "m.py": frozenset({2}),
        "tests/test_m.py": frozenset({4}),
        "broken.py": frozenset({1}),
        "conftest.py": frozenset({1}),
    }
    case = case_of(bench, _run(covered))
    assert isinstance(case, Case)
    assert list(case.files) == ["m.py"]
    assert (case.witnesses, case.guards) == ((BAD,), (GOOD,))
    assert [each.arguments for each in case.calls] == ["(2,)"]
    assert [each.statement.lineno for each in case.grounds[0].suspects] == [2, 1]


def test_probes_are_for_what_tests_call_and_what_is_edited(bench: Workbench) -> None:
    case = case_of(bench, _run({"m.py": frozenset({2})}))
    assert isinstance(case, Case)
    found = probes(case, "m.py", ["g"], 0)
    assert {each.qualname for each in found} == {"f", "g"}
    assert found == probes(case, "m.py", ["g"], 0)


@pytest.mark.parametrize(
    ("covered", "outcome", "reason"),
    [
        ({"m.py": frozenset({2})}, TestOutcome.PASSED, "none of the shown tests fails"),
        ({"m.py": frozenset({2})}, TestOutcome.BROKEN, "none of the shown tests fails"),
        ({"tests/test_m.py": frozenset({2})}, TestOutcome.FAILED, "run no Python file"),
        ({"broken.py": frozenset({1})}, TestOutcome.FAILED, "run no Python file"),
        ({"gone.py": frozenset({1})}, TestOutcome.FAILED, "run no Python file"),
    ],
)
def test_no_case_has_its_reason(bench: Workbench, covered: dict[str, frozenset[int]], outcome: TestOutcome, reason: str) -> None:
    found = case_of(bench, _run(covered, outcome))
    assert isinstance(found, str)
    assert reason in found
