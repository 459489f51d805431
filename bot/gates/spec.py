"""Is the locked spec intact, and does every test of it pass, those held out from the engine included?

A test that passes may still be about something else: each witness must notice when the change is broken on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.behaviour.touched import touched
from bot.change.counted import counted
from bot.gate import Finding, Gate, GateResult, Severity, Subject, errored, from_findings, not_applicable
from bot.harness.harness import SuiteOrder, TestOutcome, TestResult
from bot.ids import NodeId
from bot.spec.lock import verify
from bot.spec.spec import Spec
from bot.spec.strength import strength

NAME = "spec"
_HELD_OUT = "a held-out test of the spec"
ORDERS = 3
"""Runs of the spec: as in the files, then shuffled under other hash seeds."""


def judge(subject: Subject) -> GateResult:
    """Compare the spec's files with what was locked, run its kept tests several times, and try its witnesses on mutants."""
    spec = subject.spec
    if spec is None:
        return not_applicable(NAME, "no locked spec goes with this change: nobody wrote down beforehand what done means")
    kept = tuple(each.id for each in spec.tests if each.kept)
    if not kept:
        return errored(NAME, "the locked spec holds no test, so it proves nothing: give an example of what should happen")
    broken = tuple(Finding(each.path, each.line, each.message, each.rule) for each in verify(spec, subject.head.root))
    if broken:
        return from_findings(NAME, broken, "", digest=spec.digest)
    findings = _failing(subject, spec, kept)
    if isinstance(findings, str):
        return errored(NAME, f"the spec's run cannot be trusted: {findings}", digest=spec.digest)
    held_out = sum(each.held_out for each in spec.tests if each.kept)
    clean = f"the locked spec is intact and passes in {ORDERS} orders: {counted(len(kept), 'test')}, {held_out} of them held out"
    known = {"digest": spec.digest, "tests": list(kept), "held_out": held_out}
    return from_findings(NAME, findings, "", **known) if findings else _weighed(subject, spec, clean, known)


def _failing(subject: Subject, spec: Spec, kept: tuple[NodeId, ...]) -> tuple[Finding, ...] | str:
    """Run the kept tests in every order; return how each fails at first that fails in any, or why a run cannot be trusted."""
    findings: dict[NodeId, Finding] = {}
    for order in _orders(subject.lab.seed):
        run = subject.lab.suite(subject.head.root, kept, order)
        if not run.trusted:
            return run.why_not
        results = run.by_id()
        for test in kept:
            finding = _finding(_shown(test, spec), test, results.get(test))
            if finding is not None:
                findings.setdefault(test, finding)
    return tuple(findings.values())


def _weighed(subject: Subject, spec: Spec, clean: str, known: Mapping[str, Any]) -> GateResult:
    """Say what the witnesses notice of a change that passes; where nothing of it can be broken, that is said and no fault."""
    files = touched(subject.base.text, subject.head.text, subject.change.paths, subject.head.is_test)
    found = strength(subject.lab, subject.head.root, files, tuple(each.id for each in spec.witnesses))
    if found.why_not:
        return errored(NAME, f"what the witnesses notice of the change could not be measured: {found.why_not}", **known)
    known = {**known, "mutants": found.mutants, "witnesses": dict(found.kills), "where": found.where}
    weak = tuple(
        Finding(
            test.partition("::")[0],
            1,
            f"{_shown(test, spec)} is weak: it kills none of {counted(found.mutants, 'mutant')} of the {found.where}",
            "weak-witness",
            Severity.ERROR,
        )
        for test in found.weak
    )
    if spec.witnesses and not found.mutants:
        clean += "; nothing of the change can be broken on purpose, so what its witnesses notice of it is not shown"
    elif spec.witnesses:
        clean += f"; every witness kills at least one of {counted(found.mutants, 'mutant')} of the {found.where}"
    return from_findings(NAME, weak, clean, **known)


def _orders(seed: int) -> tuple[SuiteOrder, ...]:
    return (SuiteOrder(), *(SuiteOrder(seed + each, each) for each in range(1, ORDERS)))


def _shown(test: NodeId, spec: Spec) -> str:
    """Return the name of a test as the change's author may read it."""
    return _HELD_OUT if any(each.id == test and each.held_out for each in spec.tests) else test


def _finding(shown: str, test: NodeId, result: TestResult | None) -> Finding | None:
    if result is not None and result.outcome is TestOutcome.PASSED:
        return None
    outcome = result.outcome if result is not None else TestOutcome.MISSING
    detail = f": {result.message}" if result is not None and result.message and shown != _HELD_OUT else ""
    return Finding(test.partition("::")[0], 1, f"{shown} {outcome}{detail}", "spec-test", Severity.ERROR)


GATE = Gate(NAME, "is the locked spec intact, and does every test of it pass?", judge, runs_code=True)
