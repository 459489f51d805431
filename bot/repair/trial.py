"""Trying candidates on the shown tests: failing ones first, then what must stay."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.harness.harness import SuiteRun, TestOutcome, TestResult, Variant, VariantResult, Variants
from bot.ids import NodeId
from bot.repair.enumeration import Candidate

HUNG_COST = 80
"""Work of a candidate that hangs, next to one that fails at once."""
_HUNG = frozenset({TestOutcome.TIMED_OUT, TestOutcome.CRASHED})


@dataclass(frozen=True)
class Judged:
    """A candidate and what the tests said of it."""

    candidate: Candidate
    passed: bool
    witnesses: int
    """How many of the witnesses passed, of those that ran."""
    lost: int
    """How many of the guards that ran fail now."""
    changed: bool
    """The first witness fails in another way than on the base, or passes."""
    hung: bool


@dataclass
class Budget:
    """How much may be tried: counted in candidates, so that two runs try the same; the clock is only the backstop."""

    work: int
    deadline: float
    spent: int = 0
    tried: int = 0
    late: bool = False

    @property
    def left(self) -> bool:
        """Whether another candidate may be tried."""
        if time.monotonic() > self.deadline:
            self.late = True
        return not self.late and self.spent < self.work


@dataclass
class Trial:
    """The shown tests of one spec over one fork server."""

    variants: Variants
    witnesses: tuple[NodeId, ...]
    guards: tuple[NodeId, ...]
    drawn: dict[str, Candidate] = field(default_factory=dict)
    counter: int = 0

    def run(self, candidates: Iterable[Candidate], budget: Budget, *, thorough: bool = False) -> Iterator[Judged]:
        """Judge candidates one after the other while the budget lasts; ``thorough`` runs every test on each."""
        tests = (*self.witnesses, *self.guards)
        drawn = self._drawing(candidates, budget)
        results = self.variants.judge(drawn, tests, stop_at_first_failure=not thorough, confirm_timeouts=False)
        for result in results:
            judged = self._judged(self.drawn.pop(result.id), result)
            budget.tried += 1
            budget.spent += HUNG_COST if judged.hung else 1
            yield judged

    def _drawing(self, candidates: Iterable[Candidate], budget: Budget) -> Iterator[Variant]:
        for candidate in candidates:
            if not budget.left:
                return
            self.counter += 1
            name = f"candidate {self.counter}"
            self.drawn[name] = candidate
            yield Variant(name, {candidate.path: candidate.text})

    def _judged(self, candidate: Candidate, result: VariantResult) -> Judged:
        outcomes = {each.id: each.outcome for each in result.results}
        passed = [each for each in self.witnesses if outcomes.get(each) is TestOutcome.PASSED]
        lost = [each for each in self.guards if outcomes.get(each, TestOutcome.PASSED) is not TestOutcome.PASSED]
        return Judged(
            candidate,
            result.passed_all and len(result.results) == len(self.witnesses) + len(self.guards),
            len(passed),
            len(lost),
            self._changed(result.results),
            any(each in _HUNG for each in outcomes.values()),
        )

    def _changed(self, results: Sequence[TestResult]) -> bool:
        before = self.variants.baseline.by_id()
        for result in results[:1]:
            old = before.get(result.id)
            if result.outcome in _HUNG or result.outcome is TestOutcome.BROKEN or old is None:
                return False
            return (result.outcome, result.exception, result.message) != (old.outcome, old.exception, old.message)
        return False


def in_order(run: SuiteRun, tests: Sequence[NodeId]) -> tuple[NodeId, ...]:
    """Return tests with the cheapest first, hanging ones last; ties keep their order."""
    results = run.by_id()
    speed = {name: _class_of(results[name]) for name in tests if name in results}
    return tuple(sorted(speed, key=lambda each: speed[each]))


def _class_of(result: TestResult) -> int:
    """Coarse, so that noise of the clock does not change the order: under 10 ms, under 100 ms, slower, hanging."""
    if result.outcome in _HUNG:
        return 3
    return 0 if result.seconds < 0.01 else 1 if result.seconds < 0.1 else 2  # noqa: PLR2004 - seconds as said
