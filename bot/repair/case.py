"""One repair job: what is broken, the files that may be mended, and all that is known before the search starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot.behaviour.inputs import calls_for, docstring_calls, seen_calls
from bot.change.encoding import decoded
from bot.change.outline import module_name
from bot.change.testing import by_texts
from bot.engine import Workbench
from bot.harness.harness import Call, SuiteRun, TestOutcome, TestResult
from bot.ids import NodeId
from bot.repair.enumeration import Ground
from bot.repair.evidence import boosts, seen_by
from bot.repair.localisation import frames_of, suspects, suspicious_lines
from bot.repair.routine import Routine
from bot.repair.source import FunctionNode, SourceFile
from bot.repair.trial import in_order
from bot.sources import read_sources

MOST_FILES = 12
"""Files searched, the most suspicious first."""
CALLS_EACH = 64
MOST_FUNCTIONS = 3
_DOWN = frozenset({TestOutcome.BROKEN, TestOutcome.MISSING, TestOutcome.SKIPPED, TestOutcome.XFAILED})


@dataclass(frozen=True)
class Case:
    """Everything the search goes by."""

    files: Mapping[str, SourceFile]
    witnesses: tuple[NodeId, ...]
    guards: tuple[NodeId, ...]
    lines: Mapping[str, Mapping[int, float]]
    boost: Mapping[str, float]
    calls: tuple[Call, ...]
    """Calls that the shown tests and the docstrings make."""
    grounds: tuple[Ground, ...]
    words: str


def case_of(bench: Workbench, run: SuiteRun) -> Case | str:
    """Return the job that a workbench sets, or the reason why there is none."""
    results = run.by_id()
    failing, passing = _failing_and_passing(bench, results)
    if not failing:
        return "none of the shown tests fails on the base, so there is nothing to search by"
    lines = suspicious_lines(run, failing, passing)
    files = _files(bench, lines)
    if not files:
        return "the failing tests run no Python file that may be edited"
    frames = frames_of(run, failing, lambda path: path in files)
    calls = _calls(bench, files)
    routines = partial(_routine, calls, bench.instruction.text)
    found = suspects(files, lines, frames, bench.instruction.text)
    grounds = tuple(Ground(file, tuple(each for each in found if each.path == path), routines) for path, file in files.items())
    failures = [results[name] for name in failing]
    witnesses, guards = in_order(run, failing), in_order(run, passing)
    return Case(files, witnesses, guards, lines, boosts(failures), calls, grounds, bench.instruction.text)


def _failing_and_passing(bench: Workbench, results: Mapping[NodeId, TestResult]) -> tuple[list[NodeId], list[NodeId]]:
    """Return the witnesses that fail and the tests that pass, of those shown."""
    known = [name for name in bench.tests if name in results and results[name].outcome not in _DOWN]
    wanted = {each.id for each in bench.spec.witnesses}
    failing = [name for name in known if results[name].outcome is not TestOutcome.PASSED and name in wanted]
    passing = [name for name in known if results[name].outcome is TestOutcome.PASSED]
    return failing, passing


def _routine(calls: Sequence[Call], words: str, file: SourceFile, node: FunctionNode | None) -> Routine:
    own = [each for each in calls if each.module == module_name(file.path)]
    return Routine(file, node, seen_by(file, node, own), words)


def _files(bench: Workbench, lines: Mapping[str, Mapping[int, float]]) -> dict[str, SourceFile]:
    """Return the files to search: run by a witness, no test's own, allowed."""
    tests = {str(name).partition("::")[0] for name in bench.tests} | {each.path for each in bench.spec.files}
    ranked = sorted(lines, key=lambda path: (-max(lines[path].values(), default=0.0), path))
    found: dict[str, SourceFile] = {}
    is_test = by_texts(read_sources(bench.root).files)
    for path in ranked:
        if path in tests or is_test(path) or not path.endswith(".py") or not bench.may_edit(path):
            continue
        file = _read(bench.root, path)
        if file is not None:
            found[path] = file
        if len(found) >= MOST_FILES:
            break
    return found


def _read(root: Path, path: str) -> SourceFile | None:
    try:
        text = decoded((root / path).read_bytes())
        return SourceFile(path, text) if text is not None else None
    except (OSError, SyntaxError, ValueError):
        return None


def _calls(bench: Workbench, files: Mapping[str, SourceFile]) -> tuple[Call, ...]:
    texts: list[str] = []
    for path in dict.fromkeys(str(name).partition("::")[0] for name in bench.tests):
        try:
            texts.append(decoded((bench.root / path).read_bytes()) or "")
        except OSError:
            continue
    found: dict[Call, None] = {}
    for path, file in files.items():
        module = module_name(path)
        names = frozenset(getattr(node, "name", "") for node in file.tree.body) - {""}
        for text in texts:
            found.update(dict.fromkeys(seen_calls(text, module, names)))
        found.update(dict.fromkeys(docstring_calls(file.text, module)))
    return tuple(found)


def probes(case: Case, path: str, edited: Sequence[str], seed: int) -> tuple[Call, ...]:
    """Return calls that may tell candidates for ``path`` apart: of what tests call there, and of the edited functions."""
    file, module = case.files[path], module_name(path)
    tested = [each.qualname for each in case.calls if each.module == module]
    found: dict[Call, None] = {}
    for qualname in list(dict.fromkeys([*tested, *edited]))[:MOST_FUNCTIONS]:
        found.update(dict.fromkeys(calls_for(file.text, module, qualname, case.calls, seed, CALLS_EACH)))
    return tuple(found)


Routines = Callable[[SourceFile, FunctionNode | None], Routine]
