"""Is the locked spec intact, and does every test of it pass, those held out from the engine included?"""

from __future__ import annotations

from bot.change.counted import counted
from bot.gate import Finding, Gate, GateResult, Severity, Subject, errored, from_findings, not_applicable
from bot.harness.harness import SuiteOrder, TestOutcome, TestResult
from bot.ids import NodeId
from bot.spec.lock import verify

NAME = "spec"
ORDERS = 3
"""Runs of the spec: as in the files, then shuffled under other hash seeds."""


def judge(subject: Subject) -> GateResult:
    """Compare the spec's files with what was locked, then run its kept tests several times."""
    spec = subject.spec
    if spec is None:
        return not_applicable(NAME, "no locked spec goes with this change: nobody wrote down beforehand what done means")
    kept = tuple(each.id for each in spec.tests if each.kept)
    if not kept:
        return errored(NAME, "the locked spec holds no test, so it proves nothing: give an example of what should happen")
    broken = tuple(Finding(each.path, each.line, each.message, each.rule) for each in verify(spec, subject.head.root))
    if broken:
        return from_findings(NAME, broken, "", digest=spec.digest)
    findings: dict[NodeId, Finding] = {}
    for order in _orders(subject.lab.seed):
        run = subject.lab.suite(subject.head.root, kept, order)
        if not run.trusted:
            return errored(NAME, f"the spec's run cannot be trusted: {run.why_not}", digest=spec.digest)
        results = run.by_id()
        for test in kept:
            finding = _finding(test, results.get(test), held_out=any(each.id == test and each.held_out for each in spec.tests))
            if finding is not None:
                findings.setdefault(test, finding)
    held_out = sum(each.held_out for each in spec.tests if each.kept)
    clean = f"the locked spec is intact and passes in {ORDERS} orders: {counted(len(kept), 'test')}, {held_out} of them held out"
    return from_findings(NAME, tuple(findings.values()), clean, digest=spec.digest, tests=list(kept), held_out=held_out)


def _orders(seed: int) -> tuple[SuiteOrder, ...]:
    return (SuiteOrder(), *(SuiteOrder(seed + each, each) for each in range(1, ORDERS)))


def _finding(test: NodeId, result: TestResult | None, *, held_out: bool) -> Finding | None:
    if result is not None and result.outcome is TestOutcome.PASSED:
        return None
    outcome = result.outcome if result is not None else TestOutcome.MISSING
    detail = f": {result.message}" if result is not None and result.message and not held_out else ""
    hidden = "a held-out test of the spec" if held_out else test
    return Finding(test.partition("::")[0], 1, f"{hidden} {outcome}{detail}", "spec-test", Severity.ERROR)


GATE = Gate(NAME, "is the locked spec intact, and does every test of it pass?", judge, runs_code=True)
