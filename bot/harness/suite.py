"""Run a project's tests, with a verdict that the tested code cannot forge by finding its way to whoever writes it down.

The warden in the sandbox never imports the project. Its workers do, and are told test by test what to run; what they say is
sealed, and a pass needs the code that was handed out for that test. Among the tests run canaries that the warden drew after the
worker was made: it alone knows what each must come to, and demands them all. Where one misbehaves, or judging code was changed,
the run is not trusted. Inverted twins see to it that who says so of every test is caught (``twins.py``).

What remains: tests and the code under test share a process. Code that walks its callers' frames to the worker's channel *and*
tells a twin's text from its test's is believed still; so is one that lies of tests alone that can have no twin. Who reaches for
frames, heap, descriptors or ``/proc`` therefore needs a person's approval (``bot/scan/harness.py``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.errors import Retryable
from bot.harness.harness import Project, SuiteOrder, SuiteRun, TestOutcome, TestResult
from bot.harness.patch import Patch
from bot.harness.session import Session, to_result
from bot.harness.twins import NONE_PASSES, caught, draw
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
    twins: bool = False,
) -> SuiteRun:
    """Run ``tests`` (all where empty) once; with ``twins``, then some that passed once more, made to fail.

    An id may name a test, or a file, class or parametrised function for all tests in it. What was asked for by id and not
    found is ``missing``; a file that cannot be imported is ``broken`` under its own path. ``limits.seconds`` bounds the whole
    run by the clock; past it the run is not trusted. ``hung`` names tests that ran out of time before on the same code.
    """
    order = order or SuiteOrder()
    rules: dict[str, Any] = {"trace": trace, "seconds": limits.seconds, "test_seconds": test_seconds, "hung": hung}

    def started(waits: float) -> Session:
        backstop = Limits(waits + limits.seconds + 30, limits.memory, limits.disk, limits.processes, limits.output)
        return Session(sandbox, project, hash_seed=order.hash_seed, limits=backstop)

    def once(start: Callable[[], Session], tests: tuple[NodeId, ...], patches: Sequence[Patch] = ()) -> SuiteRun:
        begun = time.monotonic()
        try:
            with start() as session:
                answer = ask_suite(session, tests, order, **rules, patches=patches)
        except Retryable as error:
            return lost_run(tests, str(error), time.monotonic() - begun)
        return to_run(answer, tests, time.monotonic() - begun)

    if not twins:
        return once(lambda: started(0), tests)
    with started(limits.seconds + 30) as spare:  # a sandbox of its own for the twins, which gets ready beside the first run
        run = once(lambda: started(0), tests)
        drawn = draw(project.root, [each.id for each in run.results if each.outcome is TestOutcome.PASSED])
        if not run.trusted or drawn is None:
            return run
        why_not = caught(drawn, once(lambda: spare, drawn.tests, drawn.patches))
    if why_not == NONE_PASSES:  # they may need what ran before them, so once more among all others
        why_not = caught(drawn, once(lambda: started(0), tests, drawn.patches))
    return replace(run, trusted=not why_not, why_not=why_not)


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
    patches: Sequence[Patch] = (),
) -> dict[str, Any]:
    """Return the warden's own answer; the patches lie over the project's files while it runs."""
    request = {
        "tests": list(tests),
        "order_seed": order.order_seed,
        "trace": trace,
        "poisoned": [],
        "done": [],
        "hung": list(hung),
    }
    laid = [each.plain() for each in patches]
    return session.ask({"k": "suite", **request, "patches": laid, "seconds": seconds, "test_seconds": test_seconds})


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
        import_seconds=float(answer.get("collect_cpu", 0.0)),
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
