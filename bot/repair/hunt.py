"""The search itself: single edits first, then edits on top of what helped a little; ends with the plausible ones in classes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bot.harness.harness import TestOutcome, Variants
from bot.repair import overfitting, rivals
from bot.repair.beam import grounds
from bot.repair.case import Case, probes
from bot.repair.enumeration import Candidate, Ground, candidates
from bot.repair.rivals import Probes, Rivals
from bot.repair.source import same_code
from bot.repair.trial import Budget, Judged, Trial

SINGLES = 9_000
"""Single edits tried (a hanging one counts for many)."""
PAIRS = 12_000
MORE = 2_500
"""Edits tried after the first plausible one, to find its rivals."""
MOST_PLAUSIBLE = 80
REJUDGED = 1_500
"""Single edits run again on every test, to find those that help a little."""
DEPTH = 3
"""Most edits in one change."""
EVERY = 200


@dataclass
class Hunt:
    """One search over one case."""

    case: Case
    variants: Variants
    seed: int
    deadline: float
    """On the monotonic clock: when the search ends."""
    until: float
    """When comparing ends too."""
    progress: Callable[[str, float | None], None]
    refused: Callable[[Candidate], bool] = lambda _candidate: False
    seen: set[tuple[str, str]] = field(default_factory=set)
    plausible: list[Candidate] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    tried: int = 0
    edits: int = 1
    overfit: int = 0

    def run(self) -> None:
        """Search until something is plausible and its rivals are known, or the budget is spent."""
        trial = Trial(self.variants, self.case.witnesses, self.case.guards)
        self._try(trial, self.case.grounds, Budget(SINGLES, self.deadline), "single edits")
        helped = self.judged
        while not self.plausible and self.edits < DEPTH and time.monotonic() < self.deadline:
            self.edits += 1
            found = self._grounds(trial, helped)
            if not found:
                return
            self.judged = []
            self._try(trial, found, Budget(PAIRS, self.deadline), f"{self.edits} edits together")
            helped = self.judged

    def _try(self, trial: Trial, where: Sequence[Ground], budget: Budget, what: str) -> None:
        first = True
        for judged in trial.run(candidates(where, self.seen, self.case.boost), budget):
            self.tried += 1
            if self.tried % EVERY == 0:
                self.progress(f"trying {what}: {self.tried}", min(1.0, budget.spent / budget.work))
            self.judged.append(judged)
            if judged.passed and self._keep(judged.candidate):
                if first:
                    budget.work = min(budget.work, budget.spent + MORE + budget.spent // 2)
                    first = False
                if len(self.plausible) >= MOST_PLAUSIBLE:
                    return

    def _keep(self, candidate: Candidate) -> bool:
        base = self.case.files[candidate.path].text
        if overfitting.complaint(candidate, base, self.case.calls):
            self.overfit += 1
            return False
        if self.refused(candidate) or any(same_code(candidate.text, each.text) for each in self.plausible):
            return False
        self.plausible.append(candidate)
        return True

    def _grounds(self, trial: Trial, helped: Sequence[Judged]) -> list[Ground]:
        alive = [each.candidate for each in helped if not each.hung][:REJUDGED]
        partial = list(trial.run(alive, Budget(2 * REJUDGED, self.deadline), thorough=True))
        found: list[Ground] = []
        for base in self.case.grounds:
            own = [each for each in partial if each.candidate.path == base.file.path]
            found += grounds(own, len(self.case.witnesses), self.case.lines, base, self.case.words)
        return found

    def rivals(self) -> Rivals | None:
        """Return the plausible candidates of the likeliest file, in classes of like behaviour; None where there are none."""
        if not self.plausible:
            return None
        path = max(self.plausible, key=lambda each: each.score).path
        own = [each for each in self.plausible if each.path == path]
        file = self.case.files[path]
        lines = {each.line for each in own}
        edited = [
            file.qualname(node)
            for node in dict.fromkeys(file.routine_of(each) for each in file.statements if each.lineno in lines)
            if node is not None
        ]
        calls = probes(self.case, path, edited, self.seed)
        found = rivals.compare(
            self.variants, own, Probes(calls, frozenset(self.case.calls), "" if self._hangs() else file.text, self.until)
        )
        return _without_constants(found)

    def _hangs(self) -> bool:
        results = self.variants.baseline.by_id()
        return any(results[name].outcome is TestOutcome.TIMED_OUT for name in self.case.witnesses)


def _without_constants(found: Rivals) -> Rivals:
    """Drop the classes that answer the same whatever is asked."""
    kept = [at for at, seen in enumerate(found.observed) if not overfitting.constant(seen, found.base)]
    groups, observed = tuple(found.groups[at] for at in kept), tuple(found.observed[at] for at in kept)
    return replace(found, groups=groups, observed=observed)
