"""Do the tests notice when the changed lines are broken on purpose?

Asked of the changed lines first. A one-line change gives so few mutants that one of them would decide; then the function
around it is asked as a whole. A survivor that does the same as the code on every generated input could not be told apart:
a few such are no fault of the tests, and are shown. Code of which no mutant can be made is no evidence, never green.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.behaviour.differences import canonical
from bot.behaviour.scene import Scene, scenes, test_sources
from bot.behaviour.touched import TouchedFile, changed_lines, lines_with_functions, touched
from bot.change.counted import counted
from bot.gate import Finding, Gate, GateResult, Severity, Subject, errored, failed, not_applicable, passed
from bot.harness.harness import Observation, ObservedKind, Variant
from bot.mutation.mutation import JudgedMutant, KillMatrix, MutantStatus
from bot.mutation.noise import breakable
from bot.mutation.request import to_json

NAME = "mutation"
FEW = 5
"""With fewer mutants than this one survivor would decide, so the function around the change is asked."""
MOST_CALLS = 48
MOST_EXCUSED = 1 / 3
"""Part of all mutants that may be left out for want of an input that tells them apart."""
ENOUGH_CALLS = 12
"""Calls with an answer that it takes before doing the same on all of them means anything."""

_ALIVE = frozenset({MutantStatus.SURVIVED, MutantStatus.UNCOVERED})


@dataclass(frozen=True)
class _Asked:
    """Lines that were mutated, what came of it, and in words which lines they are."""

    matrix: KillMatrix
    where: str
    excused: frozenset[str]
    """Survivors that could not be told apart from the code."""

    @property
    def counted(self) -> tuple[JudgedMutant, ...]:
        """The mutants that the tests must answer for."""
        return tuple(
            each
            for each in self.matrix.mutants
            if each.status is not MutantStatus.EQUIVALENT and each.mutant.id not in self.excused
        )

    @property
    def rate(self) -> float | None:
        """The part of them that is killed; None where there are none, or no verdict on them."""
        if self.matrix.why_not or not self.counted:
            return None
        return sum(each.status not in _ALIVE for each in self.counted) / len(self.counted)


def judge(subject: Subject) -> GateResult:
    """Mutate the change and see which mutants the tests kill."""
    paths = subject.change.paths
    unread = next((path for path in paths if path.endswith(".py") and _is_broken(subject.head.text(path))), None)
    if unread is not None:
        return errored(NAME, f"{unread} is no Python that parses, so nothing in it can be mutated")
    files = touched(subject.base.text, subject.head.text, paths, subject.head.is_test)
    if not files:
        return not_applicable(NAME, "no line of code came in or changed: only comments, words, tests or files that are no Python")
    asked = _ask(subject, files)
    if asked.matrix.why_not:
        return errored(NAME, f"no verdict on the mutants: {asked.matrix.why_not}", **to_json(asked.matrix))
    return _verdict(subject, files, asked)


def _is_broken(text: str | None) -> bool:
    if text is None:
        return False
    try:
        compile(text, "head", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return True
    return False


def _ask(subject: Subject, files: tuple[TouchedFile, ...]) -> _Asked:
    """Ask the changed lines, and the functions around them where those are too few to tell."""
    narrow = changed_lines(files)
    first = _asked(subject, files, narrow, "changed lines")
    rate = first.rate
    if first.matrix.why_not or (rate is not None and rate >= subject.config.mutation.threshold):
        return first
    if len(first.counted) >= FEW:
        return first
    wide = lines_with_functions(files)
    if wide == narrow:
        return first
    return _asked(subject, files, wide, "functions around the change")


def _asked(subject: Subject, files: tuple[TouchedFile, ...], lines: Mapping[str, frozenset[int]], where: str) -> _Asked:
    matrix = subject.lab.kill_matrix(subject.head.root, lines)
    return _Asked(matrix, where, frozenset() if matrix.why_not else _not_told_apart(subject, files, matrix))


def _not_told_apart(subject: Subject, files: tuple[TouchedFile, ...], matrix: KillMatrix) -> frozenset[str]:
    """Return the survivors that do the same as the code on every generated input: the tests are not blamed for them.

    That nobody found a difference is no proof that there is none, so only a part of all mutants may be excused that way.
    """
    survivors = [each for each in matrix.mutants if each.status is MutantStatus.SURVIVED]
    same: set[str] = set()
    for scene in scenes(files, test_sources(subject.head.root), subject.lab.seed, MOST_CALLS) if survivors else ():
        here = [each for each in survivors if _is_in(scene, each)]
        if here:
            same |= _same(subject, scene, here)
    most = int(MOST_EXCUSED * sum(each.status is not MutantStatus.EQUIVALENT for each in matrix.mutants))
    return frozenset([each.mutant.id for each in survivors if each.mutant.id in same][:most])


def _is_in(scene: Scene, judged: JudgedMutant) -> bool:
    routine = scene.routine
    return judged.mutant.path == routine.path and routine.first <= judged.mutant.line <= routine.last


def _same(subject: Subject, scene: Scene, survivors: list[JudgedMutant]) -> set[str]:
    path = scene.routine.path
    original = Variant("as it is", {path: subject.head.text(path) or ""})
    mutated = [Variant(each.mutant.id, {path: each.mutant.source}) for each in survivors]
    observed = dict(subject.lab.observer(subject.head.root).observe([original, *mutated], scene.calls))
    here = observed.get(original.id, ())
    if sum(each.kind is ObservedKind.RETURNED for each in here) < ENOUGH_CALLS:
        return set()
    return {each.id for each in mutated if _alike(here, observed.get(each.id, ()))}


def _alike(one: tuple[Observation, ...], other: tuple[Observation, ...]) -> bool:
    if len(one) != len(other) or any(each.kind is ObservedKind.UNAVAILABLE for each in other):
        return False
    return all(canonical(left) == canonical(right) for left, right in zip(one, other, strict=True))


def _verdict(subject: Subject, files: tuple[TouchedFile, ...], asked: _Asked) -> GateResult:
    matrix, threshold = asked.matrix, subject.config.mutation.threshold
    evidence: dict[str, Any] = {
        **to_json(matrix),
        "kill_rate": asked.rate,
        "not_told_apart": sorted(asked.excused),
        "where": asked.where,
        "threshold": threshold,
    }
    rate = asked.rate
    if rate is None:
        return _without_mutants(files, evidence)
    excused = tuple(_excused(each) for each in matrix.mutants if each.mutant.id in asked.excused)
    survivors = tuple(_finding(each) for each in asked.counted if each.status in _ALIVE)
    number = len(asked.counted)
    apart = f"; {counted(len(excused), 'survivor')} could not be told apart from the code" if excused else ""
    share = f"{rate:.0%}, {threshold:.0%} asked for"
    words = f"{round(rate * number)} of {counted(number, 'mutant')} of the {asked.where} are killed ({share}){apart}"
    if rate >= threshold:
        mild = tuple(replace(each, severity=Severity.WARNING) for each in survivors)
        return passed(NAME, words, (*mild, *excused), **evidence)
    return failed(NAME, words, (*survivors, *excused), **evidence)


def _without_mutants(files: tuple[TouchedFile, ...], evidence: Mapping[str, Any]) -> GateResult:
    """Answer for a change that nothing can be broken in: never green where code runs that no test can be asked about."""
    if not any(file.routines or breakable(file.source, file.lines | file.around) for file in files):
        return not_applicable(
            NAME, "only names for readers, words and declarations changed, or imports went: nothing there can be broken"
        )
    lines = tuple(Finding(file.path, min(file.lines | file.around, default=1), _NO_EVIDENCE, "no-mutants") for file in files)
    return failed(NAME, "no evidence: not one mutant could be made of the changed code", lines, **evidence)


_NO_EVIDENCE = "nothing here can be broken on purpose, so no test can be shown to notice a fault"


def _finding(judged: JudgedMutant) -> Finding:
    noticed = "no test runs this line" if judged.status is MutantStatus.UNCOVERED else "no test notices this change"
    return _told(judged, noticed, f"mutant-{judged.status}", Severity.ERROR)


def _excused(judged: JudgedMutant) -> Finding:
    noticed = "no test notices this change, and no generated input told it apart from the code"
    return _told(judged, noticed, "mutant-not-told-apart", Severity.NOTE)


def _told(judged: JudgedMutant, noticed: str, rule: str, severity: Severity) -> Finding:
    mutant = judged.mutant
    changed = [line for line in mutant.diff.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    return Finding(mutant.path, mutant.line, f"{noticed} ({mutant.operator}): {' / '.join(changed)}", rule, severity)


GATE = Gate(NAME, "do the tests notice when the changed lines are broken on purpose?", judge, runs_code=True)
