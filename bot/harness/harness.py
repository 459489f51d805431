"""What can be asked of a project's code: run tests, judge variants, observe calls.

The same machine serves the spec oracle, mutation, search and behaviour: a *variant* is the project with some files'
text replaced. For mutation a variant is a mutant and a failing test kills it; for search it is a candidate and
failing no test makes it plausible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Protocol, Self

from bot.change.testing import disguised
from bot.ids import NodeId
from bot.sandbox.sandbox import Environment
from bot.sources import read_sources


class TestOutcome(StrEnum):
    """How one test went."""

    __test__ = False

    PASSED = "passed"
    FAILED = "failed"
    """By an assertion."""
    RAISED = "raised"
    """By another exception, in the test or in the code under test."""
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"
    BROKEN = "broken"
    """Could not start: import, collection or fixture error."""
    TIMED_OUT = "timed out"
    CRASHED = "crashed"
    """The process died under it."""
    MISSING = "missing"
    """Asked for by id, but not found among the collected tests."""


@dataclass(frozen=True)
class TestResult:
    """One test's result in one run."""

    __test__ = False

    id: NodeId
    outcome: TestOutcome
    seconds: float = 0.0
    exception: str | None = None
    """Qualified type name of what was raised, such as ``ValueError`` or ``pkg.errors.Bad``."""
    message: str = ""
    """The exception's text, one line, clipped."""
    traceback: str = ""
    """As pytest prints it, clipped to its last 4,000 characters, without control characters."""
    frames: tuple[tuple[str, int], ...] = ()
    """Places in the project on the traceback, outermost first: (path, line)."""


@dataclass(frozen=True)
class SuiteRun:
    """One run of a suite. ``trusted`` False means that a canary misbehaved: no verdict may be drawn from it."""

    results: tuple[TestResult, ...]
    trusted: bool
    why_not: str = ""
    seconds: float = 0.0
    import_seconds: float = 0.0
    """CPU time until the tests and what they import were loaded."""
    covered: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """With ``trace``: path -> lines executed by any test or at import."""
    covered_by: Mapping[NodeId, Mapping[str, frozenset[int]]] = field(default_factory=dict)
    """With ``trace``: test -> path -> lines executed by that test alone (not at import)."""
    arcs: Mapping[str, frozenset[tuple[int, int]]] = field(default_factory=dict)
    """With ``trace``: path -> (from line, to line) jumps, for branch coverage; a code object whose first line is ``n`` is
    entered by ``(-n, line)`` and left by ``(line, -n)``, as coverage.py has it."""

    def by_id(self) -> dict[NodeId, TestResult]:
        """Return the results by test."""
        return {each.id: each for each in self.results}


@dataclass(frozen=True)
class Project:
    """A tree of files on the host and the environment it runs in."""

    root: Path
    environment: Environment

    @cached_property
    def product(self) -> frozenset[str]:
        """The files that look like tests and are none: their lines are traced like any other's."""
        return disguised(read_sources(self.root).files)


@dataclass(frozen=True)
class SuiteOrder:
    """How a suite is run: the seed of the test order (None keeps the files' order) and of ``PYTHONHASHSEED``."""

    order_seed: int | None = None
    hash_seed: int = 0


@dataclass(frozen=True)
class Variant:
    """The project with some files' text replaced; all paths relative to its root."""

    id: str
    files: Mapping[str, str]


@dataclass(frozen=True)
class VariantResult:
    """What the tests said of one variant."""

    id: str
    results: tuple[TestResult, ...]
    """Of the tests that ran, in order; the rest were left out after the first failure where that was asked for."""
    error: str = ""
    """Not empty: the harness itself could not judge this variant; no verdict may be drawn."""
    seconds: float = 0.0

    @property
    def failed_by(self) -> tuple[NodeId, ...]:
        """Tests that did not pass."""
        return tuple(each.id for each in self.results if each.outcome is not TestOutcome.PASSED)

    @property
    def passed_all(self) -> bool:
        """Whether every test that was asked for ran and passed."""
        return not self.error and bool(self.results) and not self.failed_by


@dataclass(frozen=True)
class Call:
    """One call of a project's function: ``module.qualname(*arguments)``; the arguments are a Python literal's source.

    ``arguments`` is the source of a tuple (``"(1, [2, 3])"``), ``keywords`` of a dict. For a method, ``receiver`` is the
    source of the constructor's argument tuple.
    """

    module: str
    qualname: str
    arguments: str
    keywords: str = "{}"
    receiver: str | None = None


class ObservedKind(StrEnum):
    """How an observed call ended."""

    RETURNED = "returned"
    RAISED = "raised"
    TIMED_OUT = "timed out"
    CRASHED = "crashed"
    UNAVAILABLE = "unavailable"
    """The function or its module could not be had."""


@dataclass(frozen=True)
class Observation:
    """What one call did."""

    kind: ObservedKind
    value: str = ""
    """Canonical text of the returned value (sets sorted, floats rounded to 12 digits, generators drained to 1,000 items,
    objects by class and public attributes), or ``Type: message`` of the exception."""
    type: str = ""
    """Qualified type name of the returned value or exception."""
    arguments_after: str = ""
    """Canonical text of the arguments after the call, where it changed them; else empty."""
    printed: str = ""
    """What it wrote to standard output, clipped."""
    seconds: float = 0.0


class Variants(Protocol):
    """A fork server over one project; a context manager that ends it on leaving."""

    @property
    def tests(self) -> tuple[NodeId, ...]:
        """What was collected, in the files' order."""
        ...

    @property
    def baseline(self) -> SuiteRun:
        """The unchanged project, traced: outcomes, durations, line -> tests."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...

    def judge(
        self,
        variants: Iterable[Variant],
        tests: Sequence[NodeId] | None = None,
        *,
        stop_at_first_failure: bool = True,
        confirm_timeouts: bool = True,
    ) -> Iterator[VariantResult]:
        """Yield each variant's results in the order given; variants are drawn lazily, a batch ahead at most.

        ``tests`` None takes for each variant the tests that pass on the baseline and reach a changed line, fastest first;
        no such test, no results. A failure counts when the same test passes again at once with the original code, else when
        it also fails in a process of its own; a variant that passes everything, dies or runs out of time is judged once more,
        strictly, in a process of its own. ``confirm_timeouts`` False, for who only looks for variants that pass, leaves out
        what can only turn a failure into a pass in rare cases: the second run after a time-out, and importing again what
        tests have used while they were collected. A test that passes in the whole suite on the baseline but not alone is
        left out of the results where it failed: it says nothing about the variant.
        """
        ...

    def observe(self, variants: Iterable[Variant], calls: Sequence[Call]) -> Iterator[tuple[str, tuple[Observation, ...]]]:
        """Yield, per variant (its id), what each call did; each variant starts from a fresh fork."""
        ...
