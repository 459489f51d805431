"""Deterministic changes: run the codemod that the plan step names, or try the repairing ones on what makes tests fail."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from bot import codemods
from bot.capability import mismatch
from bot.change.change import Edit, Edits
from bot.codemod import Codemod, Files, joined
from bot.engine import Attempt, Engine, Work, Workbench
from bot.errors import Fault, UserError
from bot.harness.harness import TestOutcome, Variant, Variants
from bot.registry import plugins
from bot.sources import read_sources
from bot.syntax.tree import parse

_MOST_VARIANTS = 400
_NAMED = MappingProxyType({"code.rename": "rename", "dependency.upgrade": "dependency-upgrade"})


@cache
def _catalogue() -> Mapping[str, Codemod]:
    return plugins(codemods, Codemod)


def can(bench: Workbench) -> str:
    """Return why this engine cannot take the step; '' where it can."""
    if bench.capability == "code.repair":
        return "" if bench.tests else "there is no test to repair by"
    name = _name(bench)
    if name is None:
        return f"no codemod carries out {bench.capability}"
    codemod = _catalogue().get(name)
    if codemod is None:
        near = difflib.get_close_matches(name, _catalogue(), n=1, cutoff=0.3)
        return f"there is no codemod {name!r}" + (f": did you mean {near[0]}?" if near else "")
    problem = mismatch(_arguments(bench), codemod.takes)
    return f"the arguments do not fit the codemod {name}: {problem}" if problem else ""


def work(bench: Workbench) -> Work:
    """Return the edits of the step's codemod, or of the first repairing one with which every shown test passes."""
    try:
        files = read_sources(bench.root).files
        return _repair(bench, files) if bench.capability == "code.repair" else _transform(bench, files)
    except UserError as refusal:
        return Work(abstained=str(refusal), attempts=(Attempt(_name(bench) or bench.capability, worked=False, why=str(refusal)),))


def _name(bench: Workbench) -> str | None:
    if bench.capability == "code.transform":
        return str(bench.inputs.get("codemod", ""))
    return _NAMED.get(bench.capability)


def _arguments(bench: Workbench) -> dict[str, Any]:
    if bench.capability == "code.transform":
        return dict(bench.inputs.get("arguments", {}))
    return dict(bench.inputs)


def _transform(bench: Workbench, files: Files) -> Work:
    codemod = _catalogue()[_name(bench) or ""]
    kept, left, problem = _proposal(bench, codemod, files)
    if problem:
        return _abstain(codemod, problem)
    if not kept:
        return Work(edits=Edits(()), attempts=(Attempt(codemod.name, worked=True, why="it finds nothing to change"),))
    edits = _edits(kept, codemod.does, {"codemod": codemod.name, "left alone": ", ".join(left)})
    if edits in bench.rejected:
        return _abstain(codemod, "its change was refused already, and it always makes the same")
    how = f"changed {len(kept)} file{'s' * (len(kept) > 1)}"
    return Work(edits=edits, attempts=(Attempt(codemod.name, worked=True, why=how),))


def _proposal(bench: Workbench, codemod: Codemod, files: Files) -> tuple[dict[str, str], list[str], str]:
    """Return what changes within the run's bounds, the files left alone for them, and why nothing can be proposed."""
    arguments = _arguments(bench)
    changed, problem = _change(codemod, files, arguments)
    kept, left = _within(bench, changed)
    if left and "leave" in codemod.takes["properties"] and "leave" not in arguments:
        changed, problem = _change(codemod, files, {**arguments, "leave": left})
        kept, left = _within(bench, changed)
    if left and codemod.whole:
        problem = f"it would have to edit {left[0]}, which this run may not: allow that file, or change it by hand"
    elif left and not kept:
        problem = f"it finds nothing to change outside {left[0]}, which may not be edited"
    return kept, left, problem


def _change(codemod: Codemod, files: Files, arguments: Mapping[str, Any]) -> tuple[dict[str, str], str]:
    """Return what a codemod changes; or why that cannot be used: it broke a file's syntax or a second run changes more."""
    try:
        changed = codemod.transform(files, arguments)
        again = codemod.transform(joined(files, changed), arguments) if changed else {}
    except Fault as fault:
        return {}, f"it broke: {fault}"
    except RecursionError:
        return {}, "some file is nested too deeply for it"
    broken = next((path for path, text in changed.items() if path.endswith((".py", ".pyi")) and parse(text) is None), None)
    if broken is not None:
        return {}, f"what it makes of {broken} does not parse"
    return (changed, "") if not again else ({}, f"a second run would change {min(again)} once more")


def _within(bench: Workbench, changed: Files) -> tuple[dict[str, str], list[str]]:
    """Split into what may be edited and the paths of what may not; files the step does not speak of are in neither."""
    wanted = tuple(bench.inputs.get("paths", ())) if bench.capability == "code.transform" else ()
    asked = {path: text for path, text in changed.items() if not wanted or _is_below(path, wanted)}
    return (
        {path: text for path, text in asked.items() if bench.may_edit(path)},
        sorted(path for path in asked if not bench.may_edit(path)),
    )


def _is_below(path: str, folders: tuple[str, ...]) -> bool:
    return any(path == each or path.startswith(each.rstrip("/") + "/") for each in folders)


def _edits(changed: Files, why: str, notes: Mapping[str, str]) -> Edits:
    edits = tuple(Edit(path, text) for path, text in sorted(changed.items()))
    return Edits(edits, why, {key: value for key, value in notes.items() if value})


def _abstain(codemod: Codemod, why: str) -> Work:
    return Work(abstained=f"{codemod.name}: {why}", attempts=(Attempt(codemod.name, worked=False, why=why),))


@dataclass(frozen=True)
class _Candidate:
    codemod: Codemod
    files: dict[str, str]
    where: str


def _repair(bench: Workbench, files: Files) -> Work:
    """Try single places first, then whole files, each codemod in turn: the smallest change that makes all shown tests pass."""
    variants = bench.lab.variants(bench.root, bench.tests)
    suspects = _suspects(bench, variants, files)
    tried: list[_Candidate] = []
    fresh = _trying(bench, suspects, tried, _deadline(bench))
    counts = {"candidates": 0}
    for result in variants.judge(fresh, bench.tests, stop_at_first_failure=True):
        counts["candidates"] += 1
        if result.passed_all and len(result.results) >= len(bench.tests):
            found = tried[int(result.id)]
            attempts = (*_summary(tried[: int(result.id)]), Attempt(found.codemod.name, worked=True, why=found.where))
            notes = {"codemod": found.codemod.name, "candidates": str(counts["candidates"])}
            return Work(_edits(found.files, found.codemod.does, notes), attempts=attempts, counts=counts)
    why = "no known mechanical mistake explains the failing tests"
    return Work(abstained=why, attempts=_summary(tried), counts=counts)


def _trying(bench: Workbench, suspects: Files, tried: list[_Candidate], deadline: Callable[[], bool]) -> Iterator[Variant]:
    """Yield candidates that nobody refused yet, noted in ``tried`` where their ids say, until there are enough or time is up."""
    rejected = {frozenset((edit.path, edit.content) for edit in each.edits) for each in bench.rejected}
    for candidate in _candidates(suspects):
        if len(tried) >= _MOST_VARIANTS or deadline():
            return
        if frozenset(candidate.files.items()) not in rejected:
            tried.append(candidate)
            yield Variant(str(len(tried) - 1), candidate.files)


def _deadline(bench: Workbench) -> Callable[[], bool]:
    end = time.monotonic() + bench.seconds / 2
    return lambda: time.monotonic() > end


def _summary(tried: list[_Candidate]) -> tuple[Attempt, ...]:
    names = dict.fromkeys(each.codemod.name for each in tried)
    return tuple(
        Attempt(name, worked=False, why=f"tried {sum(each.codemod.name == name for each in tried)} changes, tests still fail")
        for name in names
    )


def _suspects(bench: Workbench, variants: Variants, files: Files) -> dict[str, str]:
    """Return the files that may be edited and that a failing test runs; all of them where nothing was traced."""
    failing = [each.id for each in variants.baseline.results if each.outcome is not TestOutcome.PASSED]
    reached = {path for test in failing for path in variants.baseline.covered_by.get(test, {})}
    named = set(bench.inputs.get("paths", ()))
    possible = {path: text for path, text in files.items() if path.endswith(".py") and bench.may_edit(path)}
    hit = {path: text for path, text in possible.items() if path in reached | named}
    return hit or possible


def _candidates(suspects: Files) -> Iterator[_Candidate]:
    for codemod in _catalogue().values():
        if codemod.repairs:
            changed, problem = _change(codemod, suspects, {})
            for path, text in sorted(changed.items() if not problem else ()):
                yield from _places(codemod, path, suspects[path], text)


def _places(codemod: Codemod, path: str, before: str, after: str) -> Iterator[_Candidate]:
    """Yield one candidate per place where the texts differ, then all places together."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    blocks = [each for each in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if each[0] != "equal"]
    for _, start, end, new_start, new_end in blocks if len(blocks) > 1 else ():
        text = "".join((*old[:start], *new[new_start:new_end], *old[end:]))
        if parse(text) is not None:
            yield _Candidate(codemod, {path: text}, f"{path}:{start + 1}")
    yield _Candidate(codemod, {path: after}, f"{path}:{blocks[0][1] + 1}")


ENGINE = Engine(
    name="codemod",
    does="Runs deterministic, idempotent codemods: refactorings by name, and repairs of well-known mechanical mistakes.",
    cost=0,
    can=can,
    work=work,
)
