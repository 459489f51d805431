"""Which statements are to blame: what failing tests run and passing ones do not, tracebacks, and names in the instruction.

The measure is Ochiai's (Abreu, Zoeteweij, van Gemund, "An Evaluation of Similarity Coefficients for Software Fault
Localization", PRDC 2006): failing tests that run a line, over the root of (all failing tests times tests that run it).
"""

from __future__ import annotations

import ast
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.harness.harness import SuiteRun
from bot.ids import NodeId
from bot.repair.source import FunctionNode, SourceFile

FRAME_BOOST = 1.6
"""A statement on the traceback of a witness, the innermost place most."""
NAMED_BOOST = 1.4
"""A statement of a function that the instruction names."""
SIGNATURE_SHARE = 0.35
"""A signature or module constant next to the code that runs on it."""
MOST_STATEMENTS = 400


@dataclass(frozen=True)
class Suspect:
    """A statement and how suspicious it is, 0 to 1 (the most suspicious statement of a project has 1)."""

    path: str
    statement: ast.stmt
    suspicion: float


def suspicious_lines(run: SuiteRun, witnesses: Sequence[NodeId], passing: Sequence[NodeId]) -> dict[str, dict[int, float]]:
    """Return Ochiai's measure of every line that a witness runs, by path."""
    failing = Counter(_lines_run(run, witnesses))
    passed = Counter(each for each in _lines_run(run, passing) if each in failing)
    found: dict[str, dict[int, float]] = {}
    for (path, line), count in failing.items():
        total = math.sqrt(len(witnesses) * (count + passed[path, line]))
        found.setdefault(path, {})[line] = count / total
    return found


def _lines_run(run: SuiteRun, tests: Sequence[NodeId]) -> Iterator[tuple[str, int]]:
    """Yield (path, line) of every line, once for each test that runs it."""
    for test in tests:
        for path, lines in run.covered_by.get(test, {}).items():
            yield from ((path, line) for line in lines)


def frames_of(run: SuiteRun, witnesses: Sequence[NodeId], usable: Callable[[str], bool]) -> dict[tuple[str, int], float]:
    """Return places on the witnesses' tracebacks with a weight: 1 for the innermost, less further out."""
    found: dict[tuple[str, int], float] = {}
    results = run.by_id()
    for test in witnesses:
        frames = [each for each in results[test].frames if usable(each[0])] if test in results else []
        for depth, place in enumerate(reversed(frames[-6:])):
            found[place] = max(found.get(place, 0.0), 1.0 / (1 + depth))
    return found


def suspects(
    files: Mapping[str, SourceFile],
    lines: Mapping[str, Mapping[int, float]],
    frames: Mapping[tuple[str, int], float],
    instruction: str,
) -> list[Suspect]:
    """Return the statements of ``files`` that may be to blame, most suspicious first."""
    words = frozenset(re.findall(r"[A-Za-z_]\w*", instruction))
    found: list[Suspect] = []
    for path, file in files.items():
        scores = _statements(file, lines.get(path, {}), {line: weight for (at, line), weight in frames.items() if at == path})
        for statement, score in scores.items():
            routine = statement if isinstance(statement, FunctionNode) else file.routine_of(statement)
            if routine is not None and routine.name in words:
                score *= NAMED_BOOST  # noqa: PLW2901 - one factor on top
            found.append(Suspect(path, statement, score))
    top = max((each.suspicion for each in found), default=1.0) or 1.0
    ranked = sorted(found, key=lambda each: (-each.suspicion, each.path, each.statement.lineno))
    return [Suspect(each.path, each.statement, each.suspicion / top) for each in ranked[:MOST_STATEMENTS]]


def _statements(file: SourceFile, lines: Mapping[int, float], frames: Mapping[int, float]) -> dict[ast.stmt, float]:
    scores: dict[ast.stmt, float] = {}
    for statement in file.statements:
        if isinstance(statement, FunctionNode | ast.ClassDef | ast.Import | ast.ImportFrom | ast.Global | ast.Nonlocal):
            continue
        if file.routine_of(statement) is None or _is_text(statement):
            continue
        own = range(statement.lineno, _head_end(statement) + 1)
        score = max((lines.get(line, 0.0) for line in own), default=0.0)
        framed = max((frames.get(line, 0.0) for line in own), default=0.0)
        if score or framed:
            scores[statement] = (score or 0.5) * (1 + (FRAME_BOOST - 1) * framed)
    return scores | _around(file, scores)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _head_end(statement: ast.stmt) -> int:
    """Return the last line of a statement's own head."""
    if isinstance(statement, ast.If | ast.For | ast.AsyncFor | ast.While | ast.With | ast.AsyncWith | ast.Try):
        return max(statement.lineno, statement.body[0].lineno - 1)
    return statement.end_lineno or statement.lineno


def _around(file: SourceFile, scores: Mapping[ast.stmt, float]) -> dict[ast.stmt, float]:
    """Signatures of the functions that ran, and module constants that they read."""
    return _signatures(file, scores) | _constants(file, scores)


def _signatures(file: SourceFile, scores: Mapping[ast.stmt, float]) -> dict[ast.stmt, float]:
    found: dict[ast.stmt, float] = {}
    for statement, score in scores.items():
        routine = file.routine_of(statement)
        if routine is not None:
            found[routine] = max(found.get(routine, 0.0), SIGNATURE_SHARE * score)
    return found


def _constants(file: SourceFile, scores: Mapping[ast.stmt, float]) -> dict[ast.stmt, float]:
    names = _names(scores)
    found: dict[ast.stmt, float] = {}
    for statement in (each for each in file.tree.body if isinstance(each, ast.Assign)):
        read = [names[each.id] for each in statement.targets if isinstance(each, ast.Name) and each.id in names]
        if read:
            found[statement] = SIGNATURE_SHARE * max(read)
    return found


def _names(scores: Mapping[ast.stmt, float]) -> dict[str, float]:
    """Return the names in the statements, each with the score of the most suspicious one that has it."""
    names: dict[str, float] = {}
    for statement, score in scores.items():
        for node in ast.walk(statement):
            if isinstance(node, ast.Name):
                names[node.id] = max(names.get(node.id, 0.0), score)
    return names
