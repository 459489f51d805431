from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.harness.harness import SuiteRun, TestOutcome, TestResult
from bot.ids import NodeId
from bot.repair.localisation import frames_of, suspects, suspicious_lines
from bot.repair.source import SourceFile

SOURCE = '''"""Text."""
import os

LIMIT = 3
OTHER = 4


def helper(x, y=1):
    """Text."""
    if x > LIMIT:
        return y
    return x


def main(x):
    return helper(x)
'''
BAD, GOOD = NodeId("t::bad"), NodeId("t::good")


def _run(bad: set[int], good: set[int], frames: tuple[tuple[str, int], ...] = ()) -> SuiteRun:
    results = (TestResult(BAD, TestOutcome.FAILED, frames=frames), TestResult(GOOD, TestOutcome.PASSED))
    covered = {BAD: {"m.py": frozenset(bad)}, GOOD: {"m.py": frozenset(good)}}
    return SuiteRun(results, trusted=True, covered_by=covered)


def test_lines_that_only_failing_tests_run_come_first() -> None:
    run = _run({10, 11, 16}, {10, 12, 16})
    lines = suspicious_lines(run, [BAD], [GOOD])
    assert lines["m.py"][11] == 1.0
    assert 12 not in lines["m.py"]
    found = suspects({"m.py": SourceFile("m.py", SOURCE)}, lines, {}, "")
    assert (found[0].statement.lineno, found[0].suspicion) == (11, 1.0)
    assert {each.statement.lineno for each in found} == {4, 8, 10, 11, 15, 16}


def test_tracebacks_and_named_functions_weigh_more() -> None:
    run = _run({10, 11, 16}, set(), (("t.py", 1), ("m.py", 16), ("m.py", 11)))
    lines = suspicious_lines(run, [BAD], [GOOD])
    frames = frames_of(run, [BAD, NodeId("gone")], lambda path: path == "m.py")
    assert frames == {("m.py", 11): 1.0, ("m.py", 16): 0.5}
    file = SourceFile("m.py", SOURCE)
    assert suspects({"m.py": file}, lines, frames, "")[0].statement.lineno == 11
    assert suspects({"m.py": file}, lines, {}, "main gives wrong results")[0].statement.lineno == 16


@settings(max_examples=60)
@given(st.sets(st.sampled_from([10, 11, 12, 16]), min_size=1), st.sets(st.sampled_from([10, 11, 12, 16])))
def test_suspicion_stays_between_nothing_and_one(bad: set[int], good: set[int]) -> None:
    found = suspects({"m.py": SourceFile("m.py", SOURCE)}, suspicious_lines(_run(bad, good), [BAD], [GOOD]), {}, "helper")
    assert found[0].suspicion == 1.0
    assert all(0 < each.suspicion <= 1 for each in found)
