"""Run a project's tests, with a verdict the tested code cannot forge by the usual tricks.

The sandboxed half runs every test from a process that never imports the project. A test counts as passed only with the pass
code that its worker got for that test alone, and gives back only after set-up, call and tear-down each passed exactly once.
Canaries with a known outcome run first and last in every worker; where one misbehaves, or judging code was changed, the run
is not trusted.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from typing import Any

from bot.errors import Retryable
from bot.harness.harness import Project, SuiteOrder, SuiteRun, TestOutcome, TestResult
from bot.harness.session import Session, to_result
from bot.ids import NodeId
from bot.sandbox.sandbox import Limits, Sandbox

TEST_SECONDS = 10.0
"""Most CPU time one test may use. The limit starts at 2 s and grows with what the suite has shown to need; after one test has
hung the rest get ten times the slowest that ended, at least 0.8 s, after two 0.4 s. What hung under too low a limit is run
once more; of what hung before on the same code only some has to prove it again."""
SUITE_LIMITS = Limits(seconds=300.0)


def run_suite(  # noqa: PLR0913 - what a run depends on
    sandbox: Sandbox,
    project: Project,
    tests: tuple[NodeId, ...] = (),
    order: SuiteOrder | None = None,
    *,
    trace: bool = False,
    limits: Limits = SUITE_LIMITS,
    test_seconds: float = TEST_SECONDS,
    hung: Collection[NodeId] = (),
) -> SuiteRun:
    """Run ``tests`` (all where empty) once.

    An id may name a test, or a file, class or parametrised function for all tests in it. What was asked for by id and not
    found is ``missing``; a file that cannot be imported is ``broken`` under its own path. ``limits.seconds`` bounds the whole
    run by the clock; past it the run is not trusted. ``hung`` names tests that ran out of time before on the same code.
    """
    order = order or SuiteOrder()
    begun = time.monotonic()
    backstop = Limits(limits.seconds + 30, limits.memory, limits.disk, limits.processes, limits.output)
    try:
        with Session(sandbox, project, hash_seed=order.hash_seed, limits=backstop) as session:
            answer = ask_suite(session, tests, order, trace=trace, seconds=limits.seconds, test_seconds=test_seconds, hung=hung)
    except Retryable as error:
        return lost_run(tests, str(error), time.monotonic() - begun)
    return to_run(answer, tests, time.monotonic() - begun)


def lost_run(tests: tuple[NodeId, ...], why: str, seconds: float = 0.0) -> SuiteRun:
    """Return what stands for a run whose sandboxed half went away."""
    return SuiteRun(tuple(_missing(each) for each in tests), trusted=False, why_not=why, seconds=seconds)


def ask_suite(  # noqa: PLR0913 - as above
    session: Session,
    tests: tuple[NodeId, ...],
    order: SuiteOrder,
    *,
    trace: bool,
    seconds: float,
    test_seconds: float,
    hung: Collection[NodeId] = (),
) -> dict[str, Any]:
    """Return the warden's own answer."""
    request = {
        "tests": list(tests),
        "order_seed": order.order_seed,
        "trace": trace,
        "poisoned": [],
        "done": [],
        "hung": list(hung),
    }
    return session.ask({"k": "suite", **request, "hung": list(hung), "seconds": seconds, "test_seconds": test_seconds})


def to_run(answer: Mapping[str, Any], tests: tuple[NodeId, ...], seconds: float) -> SuiteRun:
    """Return the warden's answer as a suite run."""
    results = [to_result(each, answer["records"][each]) for each in answer["ids"] if each in answer["records"]]
    results += _not_found(answer, tests)
    doubts = list(answer["doubts"])
    traces: Mapping[str, Mapping[str, Any]] = answer["traces"]
    return SuiteRun(
        results=tuple(results),
        trusted=not doubts,
        why_not="; ".join(doubts),
        seconds=seconds,
        covered=_lines([answer["imported"], *traces.values()]),
        covered_by={NodeId(test): _lines([trace]) for test, trace in traces.items()},
        arcs=_arcs([answer["imported"], *traces.values()]),
    )


def _not_found(answer: Mapping[str, Any], tests: tuple[NodeId, ...]) -> list[TestResult]:
    """Return what stands for tests that were not collected: broken where their file is, else missing."""
    errors: Mapping[str, Mapping[str, Any]] = answer["errors"]
    if not tests:
        return [to_result(nodeid, record) for nodeid, record in errors.items()]
    found = []
    for each in answer["missing"]:
        record = next((record for nodeid, record in errors.items() if each == nodeid or each.startswith(nodeid + "::")), None)
        found.append(_missing(NodeId(each)) if record is None else to_result(each, record))
    return found


def _missing(nodeid: NodeId) -> TestResult:
    return TestResult(nodeid, TestOutcome.MISSING, message="no collected test has this id")


def _lines(traces: list[Mapping[str, Any]]) -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for trace in traces:
        for path, place in trace.items():
            found.setdefault(path, set()).update(place["lines"])
    return {path: frozenset(lines) for path, lines in found.items()}


def _arcs(traces: list[Mapping[str, Any]]) -> dict[str, frozenset[tuple[int, int]]]:
    found: dict[str, set[tuple[int, int]]] = {}
    for trace in traces:
        for path, place in trace.items():
            found.setdefault(path, set()).update((start, end) for start, end in place["arcs"])
    return {path: frozenset(arcs) for path, arcs in found.items()}
