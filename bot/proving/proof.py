"""The shown tests, run on a candidate in the sandbox: do all pass, and if not, what would help to mend it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.harness.harness import TestOutcome, TestResult
from bot.ids import NodeId
from bot.lab import Lab

MOST_TOLD = 6
"""Failing tests whose tracebacks are told; of the others only the names."""
MOST_TRACEBACK = 2_500
MOST_NAMED = 40


@dataclass(frozen=True)
class Proof:
    """What the tests said of a candidate."""

    passed: bool
    why: str = ""
    """One line for people, where it did not pass."""
    told: str = ""
    """What its author needs to know to mend it: hostile text, as it holds what the code printed and raised."""


def prove(lab: Lab, tree: Path, tests: tuple[NodeId, ...]) -> Proof:
    """Run tests on a candidate's tree; without any it counts as passed.

    Raises:
        NoIsolation: there is no sandbox.
    """
    if not tests:
        return Proof(passed=True)
    run = lab.suite(tree, tests)
    if not run.trusted:
        why = f"the run of the tests cannot be trusted: {run.why_not}"
        return Proof(passed=False, why=why, told=why)
    results = run.by_id()
    missing = [TestResult(each, TestOutcome.MISSING) for each in tests if each not in results]
    wanted = set(tests)
    bad = [each for each in run.results if each.outcome is not TestOutcome.PASSED]
    beside = [
        each for each in bad if each.id not in wanted
    ]  # a file that cannot be imported, say, which is why its tests are missing
    failing = [*(each for each in bad if each.id in wanted), *missing]
    if not failing and not beside:
        return Proof(passed=True)
    return Proof(passed=False, why=_why([*beside, *failing], len(failing), len(tests)), told=told([*beside, *failing]))


def _why(bad: Sequence[TestResult], failing: int, count: int) -> str:
    first = bad[0]
    said = ": ".join(["", *filter(None, (first.exception, first.message))])[:200]
    return f"{failing} of {count} shown tests do not pass, first {first.id} ({first.outcome}){said}"


def told(failing: Sequence[TestResult]) -> str:
    """Return failing tests with their tracebacks, the first ones in full."""
    parts = [f"{each.id}: {each.outcome}\n{_clipped(each.traceback or each.message)}" for each in failing[:MOST_TOLD]]
    others = [f"{each.id}: {each.outcome}" for each in failing[MOST_TOLD : MOST_TOLD + MOST_NAMED]]
    left = len(failing) - MOST_TOLD - MOST_NAMED
    return "\n\n".join(parts + ["\n".join(others)] * bool(others) + [f"… and {left} more"] * (left > 0))


def _clipped(text: str) -> str:
    """Keep a traceback's end: what was raised stands there."""
    return text if len(text) <= MOST_TRACEBACK else f"…{text[-MOST_TRACEBACK:]}"
