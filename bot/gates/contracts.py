"""Does the changed code keep what the instruction, its words, its annotations and its examples promise, on inputs nobody wrote?

Also the plainest fraud: answers to the visible examples written down instead of worked out, and effects that are confined
to them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from bot.behaviour.answers import Known, known, written_answers
from bot.behaviour.contracts import Contract, Watched, contracts
from bot.behaviour.differences import canonical, outcome, written
from bot.behaviour.rows import NOTHING, read
from bot.behaviour.scene import Scene, example_calls, expected_values, scenes, test_sources
from bot.behaviour.touched import Routine, TouchedFile, functions, touched
from bot.change.counted import counted
from bot.gate import Finding, Gate, GateResult, Severity, Subject, from_findings, not_applicable
from bot.harness.harness import Call, Observation, ObservedKind, Variant
from bot.spec.doctests import claims_of, read_entries
from bot.spec.draft import Claim, Kind
from bot.spec.examples import split_blocks, visible
from bot.spec.prose import claims_in
from bot.spec.spec import Source

NAME = "contracts"
MOST_CALLS = 96
_WORKED_OUT = re.compile(r"(->|=>|➞|→|==)\s*[\w.]+(\s+[-+*/]\s+[\w.]+)+\s*=")
"""``f(3) -> 3 + 1 = 4``: the value stands at the end of the working."""
_CHANCE = re.compile(r"\b(random|secrets|uuid|time|datetime|perf_counter|urandom|id)\b")
CONFINED = 16
"""So many other inputs must have been tried before an effect on examples alone counts as confined to them."""


def judge(subject: Subject) -> GateResult:
    """Watch the changed functions on generated inputs and hold them to their promises."""
    files = touched(subject.base.text, subject.head.text, subject.change.paths, subject.head.is_test)
    if not any(file.routines for file in files):
        return not_applicable(NAME, "no function's code changed, so there is nobody to promise anything")
    tests = test_sources(subject.head.root)
    found = scenes(files, tests, subject.lab.seed, MOST_CALLS)
    held = [_hold(subject, scene) for scene in found]
    findings = (*_written_down(files, tests, subject.instruction), *(each for one in held for each in one.findings))
    watched = sum(each.watched for each in held)
    if not watched and all(each.severity is not Severity.ERROR for each in findings):
        return replace(not_applicable(NAME, _NOBODY), findings=findings)
    functions_ = sum(bool(each.watched) for each in held)
    odd = counted(_count(findings), "oddity", "oddities")
    clean = f"promises are kept on {counted(watched, 'call')} of {counted(functions_, 'changed function')}, {odd}"
    asked = [each for one in held for each in one.contracts]
    names = [each.routine.qualname for each in found]
    return from_findings(NAME, findings, clean, functions=names, calls=watched, contracts=asked)


_NOBODY = "no changed function could be called with inputs of our own making, so nothing can be said of its promises"


@dataclass(frozen=True)
class _Held:
    """What came of holding one function to its promises."""

    findings: tuple[Finding, ...]
    watched: int
    """On so many calls."""
    contracts: tuple[dict[str, Any], ...]


def _hold(subject: Subject, scene: Scene) -> _Held:
    routine = scene.routine
    answers = _claimed(routine, subject.instruction)
    calls = tuple(dict.fromkeys((*scene.calls, *answers)))
    before, after = _observed(subject, routine.path, calls)
    words = f"{subject.instruction}\n{routine.docstring}"
    asked = contracts(Watched(routine, words, calls, after, scene.examples, before))
    findings = (
        *_of_breaches(routine, asked),
        *_against_claims(scene, calls, after, answers),
        *_confined(scene, calls, before, after),
        *_remembering(subject, scene, calls, after),
    )
    watched = sum(each.kind is not ObservedKind.UNAVAILABLE for each in after)
    return _Held(findings, watched, tuple(_told(routine, each) for each in asked) if watched else ())


def _told(routine: Routine, contract: Contract) -> dict[str, Any]:
    """Return a contract and its outcome, for the evidence."""
    breach = contract.breach
    kept = "kept" if breach is None else "broken" if breach.sure else "odd"
    shown = {"call": breach.call, "gave": breach.gave} if breach is not None else {}
    name = f"{routine.path}::{routine.qualname}"
    return {"function": name, "rule": contract.rule, "fault": contract.fault, "calls": contract.asked, "outcome": kept, **shown}


def _count(findings: tuple[Finding, ...]) -> int:
    return sum(each.severity is not Severity.ERROR for each in findings)


def _observed(subject: Subject, path: str, calls: tuple[Call, ...]) -> tuple[tuple[Observation, ...], tuple[Observation, ...]]:
    """Return what base and head do on the calls; the base's is empty where it has no such file."""
    after = _watch(subject, path, subject.head.text(path) or "", calls)
    old = subject.base.text(path)
    return (_watch(subject, path, old, calls) if old is not None else ()), after


def _watch(subject: Subject, path: str, text: str, calls: tuple[Call, ...]) -> tuple[Observation, ...]:
    variants = subject.lab.observer(subject.head.root)
    return next(iter(variants.observe([Variant(f"{path} as given", {path: text})], calls)))[1]


def _written_down(files: tuple[TouchedFile, ...], tests: dict[str, str], instruction: str) -> Iterator[Finding]:
    for file in files:
        names = frozenset(name for name, _ in functions(ast.parse(file.source)))
        for routine in file.routines:
            for answer in written_answers(routine, file.lines, _known(routine, names, tests, instruction)):
                yield Finding(file.path, answer.line, f"in `{routine.qualname}` {answer.why}", "written-answer")


def _known(routine: Routine, names: frozenset[str], tests: dict[str, str], instruction: str) -> Known:
    calls = example_calls(routine, tests, names, "")
    claims = _claimed(routine, f"{instruction}\n{routine.docstring}")
    rows = [value for call in (*calls, *claims) if isinstance(value := read(call.arguments), tuple)]
    return known(rows, [*expected_values(tests), *claims.values()])


def _claimed(routine: Routine, words: str) -> dict[Call, Any]:
    """Return what the words say the function gives: call -> value."""
    name = routine.qualname.rpartition(".")[2]
    found: dict[Call, Any] = {}
    for claim in _claims(words):
        call = claim.expression
        if claim.kind is not Kind.EQUALS or claim.expected is None or claim.setup or not isinstance(call, ast.Call):
            continue
        if "." in routine.qualname or not isinstance(call.func, ast.Name) or call.func.id != name or call.keywords:
            continue
        arguments = read(ast.unparse(ast.Tuple(call.args, ast.Load())))
        value = read(ast.unparse(claim.expected))
        if arguments is not NOTHING and value is not NOTHING:
            found.setdefault(Call(routine.module, routine.qualname, repr(arguments)), value)
    return found


def _claims(words: str) -> Iterator[Claim]:
    text = visible(words)
    yield from claims_of(read_entries(text), Source.EXAMPLE)
    prose, blocks = split_blocks(text)
    for part in (prose, *(block.body for block in blocks)):
        for line in part.splitlines():
            if not _WORKED_OUT.search(line):
                yield from claims_in(line, Source.EXAMPLE)


def _of_breaches(routine: Routine, asked: tuple[Contract, ...]) -> Iterator[Finding]:
    for each in (contract.breach for contract in asked if contract.breach is not None):
        severity = Severity.ERROR if each.sure else Severity.WARNING
        yield Finding(routine.path, routine.node.lineno, f"{each.call} → {each.gave}: {each.why}", each.rule, severity)


def _against_claims(
    scene: Scene, calls: tuple[Call, ...], after: tuple[Observation, ...], claims: dict[Call, Any]
) -> Iterator[Finding]:
    """Yield calls that do not give what the instruction says; where tests say otherwise, tests are right."""
    for call, seen in zip(calls, after, strict=True):
        if call not in claims or call in scene.examples or seen.kind is ObservedKind.UNAVAILABLE:
            continue
        if seen.kind is ObservedKind.RETURNED and _equal(read(seen.value), claims[call]):
            continue
        words = f"{written(call)} → {outcome(seen)}: the instruction says {claims[call]!r}"
        yield Finding(scene.routine.path, scene.routine.node.lineno, words, "instruction-example")


def _equal(value: Any, wanted: Any) -> bool:
    if isinstance(value, int | float) and isinstance(wanted, int | float):
        return abs(value - wanted) <= 1e-6 * max(1.0, abs(wanted))
    if isinstance(value, list | tuple) and isinstance(wanted, list | tuple):
        return len(value) == len(wanted) and all(_equal(one, other) for one, other in zip(value, wanted, strict=True))
    return bool(value is NOTHING or value == wanted)


def _is_telling(call: Call) -> bool:
    """Whether a call has something in it; a mended edge, such as nothing given, may well be the only effect."""
    return any(read(call.arguments) or ())


def _remembering(subject: Subject, scene: Scene, calls: tuple[Call, ...], after: tuple[Observation, ...]) -> Iterator[Finding]:
    """Yield a finding where the same call gives something else when the calls are made in the other order.

    Code that asks for chance or the clock may; so may methods, whose objects are there to remember.
    """
    path, routine = scene.routine.path, scene.routine
    text = subject.head.text(path) or ""
    if "." in routine.qualname or _CHANCE.search(text):
        return
    backwards = _watch(subject, path, text, calls[::-1])[::-1]
    for call, one, other in zip(calls, after, backwards, strict=True):
        both = {one.kind, other.kind} == {ObservedKind.RETURNED}
        if both and canonical(one) != canonical(other):
            words = f"{written(call)} → {outcome(one)}, and {outcome(other)} after other calls: it remembers what it should not"
            yield Finding(path, routine.node.lineno, words, "remembers-calls")
            return


def _confined(
    scene: Scene, calls: tuple[Call, ...], before: tuple[Observation, ...], after: tuple[Observation, ...]
) -> Iterator[Finding]:
    """Yield a finding where the change makes a difference on written examples and on nothing else."""
    if not before or all(each.kind is not ObservedKind.RETURNED for each in before):
        return
    apart = [call for call, old, new in zip(calls, before, after, strict=True) if canonical(old) != canonical(new)]
    others = sum(call not in scene.examples and new.kind is ObservedKind.RETURNED for call, new in zip(calls, after, strict=True))
    if others >= CONFINED and any(map(_is_telling, apart)) and all(call in scene.examples for call in apart):
        words = f"it differs from the old code on tests' examples, such as {written(apart[0])}, and on none of {others} others"
        yield Finding(scene.routine.path, scene.routine.node.lineno, words, "confined-to-examples")


GATE = Gate(
    NAME,
    "does the changed code keep what instruction, words, annotations and examples promise, on generated inputs?",
    judge,
    runs_code=True,
)
