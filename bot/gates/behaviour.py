"""What do old and new code do differently on the same generated inputs, and was it asked for?

The differences are evidence for the reviewer. They are an error only where the instruction asks for behaviour to stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.behaviour.differences import Difference, differences, outcome, written
from bot.behaviour.scene import Scene, scenes, test_sources
from bot.behaviour.touched import touched
from bot.gate import Finding, Gate, GateResult, Severity, Subject, from_findings, not_applicable
from bot.harness.harness import ObservedKind, Variant

NAME = "behaviour"
MOST_CALLS = 64
MOST_SHOWN = 30

_STAYS = re.compile(
    r"\b(refactor\w*|clean ?up|rename|reformat|simplif\w+|moderni[sz]e|speed up|optimi[sz]e|faster|type hints?|annotat\w+|docs?"
    r"|docstrings?|documentation|no (change|difference)s? (in|of) behaviou?r|behaviou?r (stays|must stay|unchanged))\b",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"\b(fix\w*|bugs?|wrong|incorrect|broken|fails?|add|implement|instead of|should (return|raise|be|give))\b", re.IGNORECASE
)


def judge(subject: Subject) -> GateResult:
    """Run old and new code side by side."""
    files = touched(subject.base.text, subject.head.text, subject.change.paths, subject.head.is_test)
    changed = [routine for file in files for routine in file.routines if routine.before is not None]
    if not changed:
        return not_applicable(NAME, "no function that was there before has other code now")
    stays = bool(_STAYS.search(subject.instruction)) and not _CHANGES.search(subject.instruction)
    rows: list[tuple[Scene, Difference]] = []
    tried = 0
    for scene in scenes(files, test_sources(subject.head.root), subject.lab.seed, MOST_CALLS):
        if scene.routine.before is None:
            continue
        found, seen = _apart(subject, scene)
        tried += seen
        rows += [(scene, each) for each in found]
    if not tried:
        return not_applicable(NAME, "the changed functions could not be called with inputs of our own making")
    return _answer(rows, tried, stays=stays)


def _apart(subject: Subject, scene: Scene) -> tuple[tuple[Difference, ...], int]:
    """Return the differences, and on how many calls both sides could be watched."""
    path = scene.routine.path
    sides = [Variant("before", {path: subject.base.text(path) or ""}), Variant("after", {path: subject.head.text(path) or ""})]
    observed = dict(subject.lab.observer(subject.head.root).observe(sides, scene.calls))
    before, after = observed["before"], observed["after"]
    seen = sum(ObservedKind.UNAVAILABLE not in {old.kind, new.kind} for old, new in zip(before, after, strict=True))
    return differences(scene.calls, before, after), seen


def _answer(rows: list[tuple[Scene, Difference]], tried: int, *, stays: bool) -> GateResult:
    table = [
        {
            "call": written(each.call),
            "before": outcome(each.before),
            "after": outcome(each.after),
            "asked_for": not stays and (each.call in scene.examples or each.before.kind is not ObservedKind.RETURNED),
        }
        for scene, each in rows
    ]
    findings = tuple(_findings(rows, stays=stays))
    clean = f"{len(rows) or 'none'} of {tried} generated calls do{'' if len(rows) > 1 else 'es'} something else than before"
    return from_findings(NAME, findings, clean, differences=table[:MOST_SHOWN], tried=tried, differing=len(rows))


def _findings(rows: list[tuple[Scene, Difference]], *, stays: bool) -> Iterator[Finding]:
    if not stays:
        return
    for scene, each in rows[:MOST_SHOWN]:
        words = f"{written(each.call)} gave {outcome(each.before)} and now {outcome(each.after)}, though behaviour was to stay"
        yield Finding(scene.routine.path, scene.routine.node.lineno, words, "behaviour", Severity.ERROR)


GATE = Gate(NAME, "do old and new code do the same on generated inputs, but for what was asked?", judge, runs_code=True)
