"""Does the project's own suite pass, with no fewer tests and no more skips than before?

What passed on the base must pass on the head, in the files' order and shuffled under another hash seed. A test that
changes its mind is run again on both sides: one that wavers on the base as well is quarantined for two days and blames
nobody; one that only wavers on the head is the change's doing. New tests must pass. What failed before is only noted,
unless it runs the changed code and there is no spec to say what done means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.behaviour.scene import test_sources
from bot.behaviour.touched import touched
from bot.change.counted import counted
from bot.change.testing import holds_tests
from bot.gate import Finding, Gate, GateResult, Severity, Subject, errored, failed, not_applicable, passed
from bot.harness.harness import SuiteOrder, SuiteRun, TestOutcome
from bot.ids import NodeId
from bot.lab import FILE_ORDER, Lab

NAME = "tests"
QUARANTINE_HOURS = 48
REPEATS = 3
"""Further runs that a wavering test gets, on each side."""

_PASSED = frozenset({TestOutcome.PASSED, TestOutcome.XPASSED})
_SILENT = frozenset({TestOutcome.SKIPPED, TestOutcome.XFAILED})
_ENDED = frozenset({TestOutcome.FAILED, TestOutcome.RAISED, TestOutcome.BROKEN})


@dataclass(frozen=True)
class _Runs:
    """Outcomes by test in each run of a tree."""

    runs: tuple[Mapping[NodeId, TestOutcome], ...]

    def of(self, test: NodeId) -> tuple[TestOutcome, ...]:
        return tuple(each.get(test, TestOutcome.MISSING) for each in self.runs)

    def steady(self, test: NodeId) -> TestOutcome | None:
        """The outcome that all runs agree on, or None."""
        seen = set(self.of(test))
        return seen.pop() if len(seen) == 1 else None


def judge(subject: Subject) -> GateResult:
    """Compare the suite's runs on both trees."""
    lab, base, head = subject.lab, subject.base.root, subject.head.root
    before = _in_file_order(lab, base)
    shuffled = SuiteOrder(lab.seed + 1, 1)
    after = (_in_file_order(lab, head), lab.suite(head, (), shuffled))
    for run, tree in ((before, "base"), *((each, "head") for each in after)):
        if not run.trusted:
            return errored(NAME, f"the suite's run on the {tree} cannot be trusted: {run.why_not}", canaries="misbehaved")
    if not before.results and not any(each.results for each in after):
        lost = sorted(path for path, text in test_sources(head).items() if holds_tests(text))
        if lost:
            see = "see pytest's settings python_files and testpaths"
            return errored(NAME, f"not one test was collected, though there are some in {lost[0]}: {see}")
        return not_applicable(NAME, "the project has no tests, neither before nor after the change")
    return _compared(subject, before, after)


def _in_file_order(lab: Lab, root: Path) -> SuiteRun:
    """Return the run that is traced for all gates; what did not end in it runs again untraced, for tracing costs time.

    What failed in it has run untraced already: the harness sees to that.
    """
    run = lab.suite(root, (), FILE_ORDER, trace=True)
    odd = tuple(each.id for each in run.results if each.outcome not in {*_PASSED, *_SILENT, *_ENDED})
    again = lab.suite(root, odd, FILE_ORDER) if odd and run.trusted else None
    if again is None or not again.trusted:
        return run
    return replace(run, results=tuple(again.by_id().get(each.id, each) for each in run.results))


def _compared(subject: Subject, before: SuiteRun, after: tuple[SuiteRun, ...]) -> GateResult:
    old = _Runs((_outcomes(before),))
    new = _Runs(tuple(map(_outcomes, after)))
    tests = sorted({*old.runs[0], *(test for run in new.runs for test in run)})
    doubtful = tuple(test for test in tests if _is_doubtful(old.of(test)[0], new.of(test)))
    old = _repeated(subject.lab, subject.base.root, old, doubtful)
    new = _repeated(subject.lab, subject.head.root, new, doubtful)
    reaching = _reaching(subject, before, after[0]) if subject.spec is None else frozenset()
    words = _messages(after)
    findings: list[Finding] = []
    quarantined: list[str] = []
    for test in tests:
        if _wavers_on_both(old, new, test):
            quarantined.append(test)
        else:
            findings += _judged(test, old, new, words.get(test, ""), decisive=test in reaching)
    findings += _silence(old, new)
    evidence = {
        "base": _health(old.runs[0]),
        "head": _health(new.runs[0]),
        "results": {test: [str(each.runs[0].get(test, TestOutcome.MISSING)) for each in (old, new)] for test in tests},
        "performance": {"base": _pace(before), "head": _pace(after[0])},
        "orders": ["as in the files", f"shuffled by seed {subject.lab.seed + 1}, hash seed 1"],
        "canaries": "in every run those that must fail failed and those that must pass passed; tests made to fail did",
        "quarantined": [{"test": each, "hours": QUARANTINE_HOURS} for each in quarantined],
        "failed_before": [test for test in tests if _is_failure(old.of(test)[0])],
    }
    return _answer(tuple(findings), quarantined, len(new.runs[0]), evidence)


def _answer(findings: tuple[Finding, ...], quarantined: list[str], count: int, evidence: Mapping[str, object]) -> GateResult:
    notes = tuple(
        Finding(
            _path(each),
            1,
            f"{each} wavers without the change too: quarantined for {QUARANTINE_HOURS} h",
            "flaky",
            Severity.WARNING,
        )
        for each in quarantined
    )
    errors = [each for each in findings if each.severity is Severity.ERROR]
    if errors:
        return failed(
            NAME, f"{errors[0].message}{f' (and {len(errors) - 1} more)' * (len(errors) > 1)}", (*findings, *notes), **evidence
        )
    return passed(
        NAME, f"{counted(count, 'test')}, in two orders; nothing that passed before fails", (*findings, *notes), **evidence
    )


def _health(outcomes: Mapping[NodeId, TestOutcome]) -> dict[str, Any]:
    """Return how many tests ended how, and which fail."""
    counts = Counter(str(each) for each in outcomes.values())
    failing = sorted(test for test, each in outcomes.items() if each not in {*_PASSED, *_SILENT})
    return {"outcomes": dict(sorted(counts.items())), "failing": failing}


def _messages(runs: tuple[SuiteRun, ...]) -> dict[NodeId, str]:
    """Return what was said of each test by the first run that says anything of it."""
    return {each.id: each.message for run in reversed(runs) for each in run.results if each.message}


def _pace(run: SuiteRun) -> dict[str, float]:
    """Return what a run of the suite cost, as it was measured on the way."""
    return {"suite_seconds": round(run.seconds, 2), "import_seconds": round(run.import_seconds, 2)}


def _outcomes(run: SuiteRun) -> dict[NodeId, TestOutcome]:
    return {each.id: each.outcome for each in run.results}


def _is_failure(outcome: TestOutcome) -> bool:
    return outcome not in {*_PASSED, *_SILENT, TestOutcome.MISSING}


def _is_doubtful(old: TestOutcome, new: tuple[TestOutcome, ...]) -> bool:
    """Whether a test must be run again before it may be blamed: it failed on the head, and passed at least once."""
    if all(each in _PASSED for each in new):
        return False
    return any(each in _PASSED for each in (old, *new)) and any(each is not TestOutcome.MISSING for each in new)


def _repeated(lab: Lab, root: Path, known: _Runs, doubtful: tuple[NodeId, ...]) -> _Runs:
    """Run those of the doubtful tests again that a side has, and add what came of it."""
    there = tuple(test for test in doubtful if any(each is not TestOutcome.MISSING for each in known.of(test)))
    if not there:
        return known
    runs = [lab.suite(root, there, SuiteOrder(lab.seed + 2 + each, 2 + each)) for each in range(REPEATS)]
    return _Runs((*known.runs, *({**known.runs[0], **_outcomes(run)} for run in runs if run.trusted)))


def _wavers_on_both(old: _Runs, new: _Runs, test: NodeId) -> bool:
    """Whether a test passes sometimes on the base, and sometimes on the head."""
    seen = old.of(test), new.of(test)
    return all(any(each in _PASSED for each in side) for side in seen) and any(each not in _PASSED for each in seen[0])


def _reaching(subject: Subject, before: SuiteRun, after: SuiteRun) -> frozenset[NodeId]:
    """Return the tests that run code the change touches, on either side.

    Without a spec nobody else can say whether the change does what was asked: where such a test fails before and
    after, it does not.
    """
    found: set[NodeId] = set()
    for file in touched(subject.base.text, subject.head.text, subject.change.paths, subject.head.is_test):
        spans = [each.before for each in file.routines if each.before is not None]
        old = frozenset(line for node in spans for line in range(node.lineno + 1, (node.end_lineno or node.lineno) + 1))
        for run, lines in ((before, old), (after, file.lines)):
            found |= {test for test, where in run.covered_by.items() if lines & where.get(file.path, frozenset())}
    return frozenset(found)


def _judged(test: NodeId, old: _Runs, new: _Runs, message: str, *, decisive: bool) -> list[Finding]:
    """Return what is to be said of one test; ``decisive`` where it runs the changed code and there is no spec."""
    before, now = old.of(test)[0], new.of(test)
    if all(each in _PASSED for each in now):
        return []
    if before is TestOutcome.MISSING:
        fine = all(each in {*_SILENT, *_PASSED} for each in now)
        return [] if fine else [_finding(test, f"the new test {test} {_worst(now)}", "new-test-fails", message)]
    if TestOutcome.MISSING in now:
        return [_finding(test, f"{test} is gone: it {before} before the change", "test-gone", "")]
    if before not in _PASSED:
        if decisive and all(each not in {*_SILENT, *_PASSED} for each in (before, *now)):
            return [
                _finding(test, f"{test} runs the changed code, failed before and still {_worst(now)}", "still-fails", message)
            ]
        return [_finding(test, f"{test} {_worst(now)}, as before the change", "failed-before", message, Severity.NOTE)]
    return [_fallen(test, now, message)]


def _fallen(test: NodeId, now: tuple[TestOutcome, ...], message: str) -> Finding:
    """Return what is to be said of a test that passed before and does not now."""
    if any(each in _PASSED for each in now):
        return _finding(test, f"{test} wavers since the change: {', '.join(sorted(set(now)))}", "flaky-new", message)
    if all(each in _SILENT for each in now):
        return _finding(test, f"{test} passed before and is now {now[0]}", "test-silenced", message)
    return _finding(test, f"{test} passed before and now {_worst(now)}", "test-fails", message)


_VERBS = {
    TestOutcome.FAILED: "fails",
    TestOutcome.RAISED: "raises an error",
    TestOutcome.SKIPPED: "is skipped",
    TestOutcome.XFAILED: "is expected to fail",
    TestOutcome.BROKEN: "cannot start",
    TestOutcome.TIMED_OUT: "hangs past its time limit",
    TestOutcome.CRASHED: "kills the process",
    TestOutcome.MISSING: "is missing",
}


def _worst(outcomes: tuple[TestOutcome, ...]) -> str:
    return next((verb for outcome, verb in reversed(_VERBS.items()) if outcome in outcomes), "passes")


def _finding(test: NodeId, message: str, rule: str, detail: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(_path(test), 1, f"{message}{': ' * bool(detail)}{detail}", rule, severity)


def _path(test: str) -> str:
    return test.partition("::")[0]


def _silence(old: _Runs, new: _Runs) -> list[Finding]:
    """Return a finding where more tests than before are skipped or excused."""
    counts = [sum(outcome in _SILENT for outcome in side.runs[0].values()) for side in (old, new)]
    if counts[1] <= counts[0]:
        return []
    return [Finding("", 1, f"skipped or expected to fail: {counted(counts[1], 'test')}, {counts[0]} before", "more-skips")]


GATE = Gate(
    NAME,
    "does the project's own suite pass, with no fewer tests and no more skips than before?",
    judge,
    runs_code=True,
    shares=True,
)
