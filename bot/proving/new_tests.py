"""New tests, held to what they promise: only tests, green twice and in random order, each kills a mutant that was alive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.change.change import Edit, Edits
from bot.change.outline import definitions, parse
from bot.change.testing import is_test
from bot.harness.harness import SuiteOrder, SuiteRun, TestOutcome, TestResult
from bot.ids import NodeId
from bot.lab import Lab
from bot.mutation.gain import gained, survivors
from bot.mutation.mutation import KillMatrix
from bot.proving.candidate import laid_out, text_of
from bot.proving.objections import Objection, Read
from bot.proving.proof import told
from bot.proving.weeding import has_tests, without

MOST_FILES = 20
"""Source files whose mutants are looked at where the instruction names none."""
MOST_SURVIVORS = 20
"""Mutants shown to the author."""
MOST_DIFF = 700


@dataclass(frozen=True)
class Aim:
    """What new tests are wanted for."""

    lines: Mapping[str, frozenset[int]]
    """The code in question: path -> line numbers."""
    before: KillMatrix | None
    """None where no test passes yet, so that nothing is killed."""
    known: frozenset[NodeId]
    """The tests there are."""

    @property
    def alive(self) -> str:
        """The mutants that no test kills, as diffs; '' where there is none or nothing kills any."""
        found = survivors(self.before) if self.before else ()
        shown = "\n".join(f"{each.mutant.id}\n{each.mutant.diff[:MOST_DIFF]}" for each in found[:MOST_SURVIVORS])
        return f"{len(found)} mutants survive all tests:\n\n{shown}" if found else ""


@dataclass(frozen=True)
class Worth:
    """What new tests turned out to be good for."""

    edits: Edits | None
    """With the good tests alone; None where none is good."""
    kills: Mapping[NodeId, int] = field(default_factory=dict)
    dropped: tuple[tuple[str, str], ...] = ()
    """Tests left out, and why."""
    why: str = ""
    """One line, where there are no edits."""
    told: str = ""
    """What their author needs to know to write better ones."""


def aim(lab: Lab, root: Path, paths: Sequence[str], names: Sequence[str]) -> Aim | str:
    """Return what tests are wanted for: the named files and functions, else all code; or why that cannot be found out.

    Raises:
        NoIsolation: there is no sandbox.
    """
    lines = _lines(root, paths, names)
    if not lines:
        return "there is no Python code to test where the instruction points: name a file or a function that is there"
    run = lab.suite(root, trace=True)
    if not run.trusted:
        return f"the base's own test run cannot be trusted: {run.why_not}"
    known = frozenset(each.id for each in run.results)
    if not any(each.outcome is TestOutcome.PASSED for each in run.results):
        return Aim(lines, None, known)
    before = lab.kill_matrix(root, lines)
    if before.why_not:
        return f"what the tests there are kill cannot be told: {before.why_not}"
    if not survivors(before):
        return f"the tests there are kill all {len(before.mutants)} mutants of the code in question: name other code"
    return Aim(lines, before, known)


def _lines(root: Path, paths: Sequence[str], names: Sequence[str]) -> dict[str, frozenset[int]]:
    sources = {each: text for each in _sources(root) if (text := text_of(root, each)) is not None}
    named = {each.rpartition(".")[2] for each in names}
    by_name = {path: found for path, text in sources.items() if (found := _lines_of(text, named))}
    asked = {
        path: _all(text)
        for path, text in sources.items()
        if any(path == each or path.startswith(f"{each.rstrip('/')}/") for each in paths)
    }
    chosen = {**asked, **by_name} or {path: _all(text) for path, text in list(sources.items())[:MOST_FILES]}
    return {path: lines for path, lines in chosen.items() if lines}


def _sources(root: Path) -> list[str]:
    found = (each.relative_to(root).as_posix() for each in root.rglob("*.py") if not each.is_symlink())
    return sorted(each for each in found if not is_test(each) and not any(part.startswith(".") for part in each.split("/")))


def _all(text: str) -> frozenset[int]:
    return frozenset(range(1, text.count("\n") + 2)) if text.strip() else frozenset()


def _lines_of(text: str, names: set[str]) -> frozenset[int]:
    tree = parse(text) if names else None
    found = [each for each in definitions(tree) if each.name.rpartition(".")[2] in names] if tree is not None else []
    return frozenset(line for each in found for line in range(each.first, each.last + 1))


def objections(edits: Edits, read: Read) -> tuple[Objection, ...]:
    """Return what is more than new tests in edits: other files, and tests there are that differ."""
    found = [Objection(each.path, 0, "is no test file: only tests may be added") for each in edits.edits if not _is_tests(each)]
    for edit in edits.edits:
        before, after = _tests_of(read(edit.path) or ""), _tests_of(edit.content or "")
        found += [
            Objection(edit.path, 0, f"changes {name}, which is there: add new tests beside it")
            for name in before
            if after.get(name) != before[name]
        ]
    return tuple(found)


def _is_tests(edit: Edit) -> bool:
    return edit.path.endswith(".py") and is_test(edit.path) and edit.content is not None


def _tests_of(text: str) -> dict[str, str]:
    tree = parse(text)
    lines = text.split("\n")
    return (
        {each.name: "\n".join(lines[each.first - 1 : each.last]) for each in definitions(tree) if each.function} if tree else {}
    )


def worth(lab: Lab, root: Path, edits: Edits, wanted: Aim, guards: Sequence[NodeId]) -> Worth:
    """Run new tests twice, the second time shuffled, weed out those that fail or kill nothing new, and run the rest again.

    Raises:
        NoIsolation: there is no sandbox.
    """
    with laid_out(root, edits) as tree:
        judged = _judged(lab, tree, wanted, guards)
    if isinstance(judged, Worth):
        return judged
    if not judged.good:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in list(judged.dropped.items())[:5])
        return Worth(
            None, why=f"no new test is good for anything: {reasons}"[:400], told=f"{judged.told}\n\n{wanted.alive}".strip()
        )
    left = weeded(edits, tuple(judged.dropped), lambda path: text_of(root, path))
    dropped = tuple(judged.dropped.items())
    with laid_out(root, left) as tree:
        again = lab.suite(tree, tuple(judged.good), SuiteOrder(lab.seed + 2, 2))
        if judged.dropped and (not again.trusted or any(each.outcome is not TestOutcome.PASSED for each in again.results)):
            return Worth(None, dropped=dropped, why="the good tests do not pass without the others", told=told(again.results))
    return Worth(left, judged.good, dropped)


@dataclass(frozen=True)
class _Judged:
    good: Mapping[NodeId, int]
    dropped: Mapping[str, str]
    """Functions, as ``path::Class::test``, and why they go."""
    told: str


def _judged(lab: Lab, tree: Path, wanted: Aim, guards: Sequence[NodeId]) -> _Judged | Worth:
    runs = (lab.suite(tree), lab.suite(tree, (), SuiteOrder(lab.seed + 1, 1)))
    new = [each.id for each in runs[0].results if each.id not in wanted.known]
    fault = _fault(runs, new, guards)
    if fault is not None:
        return fault
    failed = {each: _failure(runs, each) for each in new}
    passing = tuple(each for each in new if not failed[each])
    kills = _kills(lab, tree, wanted, passing) if passing else {}
    if isinstance(kills, Worth):
        return kills
    return _sorted_out(new, failed, kills, [each for each in runs[0].results if failed.get(each.id)])


def _fault(runs: Sequence[SuiteRun], new: Sequence[NodeId], guards: Sequence[NodeId]) -> Worth | None:
    """Return why nothing can be made of the runs at all; None where the new tests can be told apart."""
    for run in runs:
        if not run.trusted:
            return Worth(None, why=f"the run of the tests cannot be trusted: {run.why_not}", told=run.why_not)
    if not new:
        return Worth(
            None, why="there is no new test in it", told="No new test was collected: name functions test_… in files test_….py."
        )
    broken = [each for each in guards if any(_outcome(run, each) is not TestOutcome.PASSED for run in runs)]
    if broken:
        return Worth(
            None, why=f"{broken[0]} does not pass beside the new tests", told=told([r for r in runs[0].results if r.id in broken])
        )
    return None


def _kills(lab: Lab, tree: Path, wanted: Aim, passing: tuple[NodeId, ...]) -> Mapping[NodeId, int] | Worth:
    """Return how many mutants that were alive each test kills, or why that cannot be told."""
    after = lab.kill_matrix(tree, wanted.lines, passing, every_killer=True)
    lab.variants(tree).__exit__(None, None, None)
    if after.why_not:
        return Worth(None, why=f"what the new tests kill cannot be told: {after.why_not}"[:400], told=after.why_not)
    return gained(wanted.before, after, passing)


def _outcome(run: SuiteRun, test: NodeId) -> TestOutcome:
    found = run.by_id().get(test)
    return found.outcome if found else TestOutcome.MISSING


def _failure(runs: Sequence[SuiteRun], test: NodeId) -> str:
    """Return how a test does not pass in one of the runs; '' where it passes in all."""
    orders = ("in the files' order", "in random order")
    bad = [
        (run.by_id().get(test), order)
        for run, order in zip(runs, orders, strict=True)
        if _outcome(run, test) is not TestOutcome.PASSED
    ]
    if not bad:
        return ""
    result, order = bad[0]
    said = f": {result.message}" if result and result.message else ""
    return f"{result.outcome if result else TestOutcome.MISSING} {order}{said}"[:300]


def _sorted_out(
    new: Sequence[NodeId], failed: Mapping[NodeId, str], kills: Mapping[NodeId, int], bad: Sequence[TestResult]
) -> _Judged:
    functions: dict[str, list[NodeId]] = {}
    for each in new:
        functions.setdefault(each.partition("[")[0], []).append(each)
    dropped: dict[str, str] = {}
    for name, tests in functions.items():
        failure = next((failed[each] for each in tests if failed[each]), "")
        if failure or not sum(kills.get(each, 0) for each in tests):
            dropped[name] = failure or "kills no mutant that was alive before"
    good = {each: kills.get(each, 0) for name, tests in functions.items() if name not in dropped for each in tests}
    said = "\n".join(f"{name}: {reason}" for name, reason in dropped.items())
    return _Judged(good, dropped, f"{said}\n\n{told(bad)}".strip())


def weeded(edits: Edits, dropped: Sequence[str], read: Callable[[str], str | None]) -> Edits:
    """Return the edits without tests (``path::Class::test``); files that are then as before, or have no test, are left out."""
    kept: list[Edit] = []
    for edit in edits.edits:
        names = {each.partition("::")[2].replace("::", ".") for each in dropped if each.partition("::")[0] == edit.path}
        text = without(edit.content or "", names) if names else edit.content or ""
        if text != (read(edit.path) or "") and (has_tests(text) or not names):
            kept.append(Edit(edit.path, text))
    return Edits(tuple(kept), edits.why, edits.notes)
