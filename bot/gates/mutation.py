"""Do the tests notice when the changed lines are broken on purpose?

Asked of the changed lines first. A one-line change gives so few mutants that one of them would decide; then the function
around it is asked as a whole. A survivor that does the same as the code on every generated input is no fault of the
tests: it counts as equivalent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.behaviour.differences import canonical
from bot.behaviour.scene import Scene, scenes, test_sources
from bot.behaviour.touched import TouchedFile, changed_lines, lines_with_functions, touched
from bot.gate import Finding, Gate, GateResult, Severity, Subject, errored, failed, not_applicable, passed
from bot.harness.harness import Observation, ObservedKind, Variant
from bot.mutation.mutation import JudgedMutant, KillMatrix, MutantStatus
from bot.mutation.request import to_json

NAME = "mutation"
FEW = 5
"""With fewer mutants than this one survivor would decide, so the function around the change is asked."""
MOST_CALLS = 48
ENOUGH_CALLS = 12
"""Calls with an answer that it takes before doing the same on all of them means anything."""

_ALIVE = frozenset({MutantStatus.SURVIVED, MutantStatus.UNCOVERED})


@dataclass(frozen=True)
class _Asked:
    """Lines that were mutated, what came of it, and in words which lines they are."""

    matrix: KillMatrix
    where: str


def judge(subject: Subject) -> GateResult:
    """Mutate the change and see which mutants the tests kill."""
    paths = subject.change.paths
    unread = next((path for path in paths if path.endswith(".py") and _is_broken(subject.head.text(path))), None)
    if unread is not None:
        return errored(NAME, f"{unread} is no Python that parses, so nothing in it can be mutated")
    files = touched(subject.base.text, subject.head.text, paths)
    if not files:
        return not_applicable(NAME, "no line of code changed: only comments, words, tests or files that are no Python")
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
    first = _Asked(_matrix(subject, files, narrow), "changed lines")
    rate = first.matrix.kill_rate
    if first.matrix.why_not or (rate is not None and rate >= subject.config.mutation.threshold):
        return first
    if _counted(first.matrix) >= FEW:
        return first
    wide = lines_with_functions(files)
    if wide == narrow:
        return first
    return _Asked(_matrix(subject, files, wide), "functions around the change")


def _matrix(subject: Subject, files: tuple[TouchedFile, ...], lines: Mapping[str, frozenset[int]]) -> KillMatrix:
    matrix = subject.lab.kill_matrix(subject.head.root, lines)
    return replace(matrix, mutants=_without_equivalents(subject, files, matrix)) if not matrix.why_not else matrix


def _counted(matrix: KillMatrix) -> int:
    return sum(each.status is not MutantStatus.EQUIVALENT for each in matrix.mutants)


def _without_equivalents(subject: Subject, files: tuple[TouchedFile, ...], matrix: KillMatrix) -> tuple[JudgedMutant, ...]:
    """Return the mutants, those marked equivalent that do the same as the code on every generated input."""
    survivors = [each for each in matrix.mutants if each.status is MutantStatus.SURVIVED]
    if not survivors:
        return matrix.mutants
    same: set[str] = set()
    for scene in scenes(files, test_sources(subject.head.root), subject.lab.seed, MOST_CALLS):
        here = [each for each in survivors if _is_in(scene, each)]
        if here:
            same |= _same(subject, scene, here)
    return tuple(replace(each, status=MutantStatus.EQUIVALENT) if each.mutant.id in same else each for each in matrix.mutants)


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
    evidence: dict[str, Any] = {**to_json(matrix), "where": asked.where, "threshold": threshold}
    rate = matrix.kill_rate
    if rate is None:
        if not any(file.routines for file in files):
            return not_applicable(NAME, "no evidence: nothing changed inside a function, and no mutant can be made of what did")
        lines = tuple(Finding(file.path, min(file.lines | file.around, default=1), _NO_EVIDENCE, "no-mutants") for file in files)
        return failed(NAME, "no evidence: not one mutant could be made of the changed code", lines, **evidence)
    survivors = tuple(_finding(each) for each in matrix.mutants if each.status in _ALIVE)
    counted = _counted(matrix)
    share = f"{rate:.0%}, {threshold:.0%} asked for"
    words = f"{round(rate * counted)} of {counted} mutants of the {asked.where} are killed ({share})"
    if rate >= threshold:
        return passed(NAME, words, tuple(replace(each, severity=Severity.WARNING) for each in survivors), **evidence)
    return failed(NAME, words, survivors, **evidence)


_NO_EVIDENCE = "nothing here can be broken on purpose, so no test can be shown to notice a fault"


def _finding(judged: JudgedMutant) -> Finding:
    mutant = judged.mutant
    noticed = "no test runs this line" if judged.status is MutantStatus.UNCOVERED else "no test notices this change"
    changed = [line for line in mutant.diff.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    return Finding(mutant.path, mutant.line, f"{noticed} ({mutant.operator}): {' / '.join(changed)}", f"mutant-{judged.status}")


GATE = Gate(NAME, "do the tests notice when the changed lines are broken on purpose?", judge, runs_code=True)
