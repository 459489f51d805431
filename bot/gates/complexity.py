"""``complexity``: functions that the change touches do not get too complicated, and what is new starts simple.

A function that was over a limit before is not the change's fault: small additions to it are told, not red.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.change.change import FileStatus
from bot.change.counted import counted
from bot.change.outline import definitions, parse, touched_lines
from bot.gate import Finding, Gate, GateResult, Severity, Subject, errored, from_findings, not_applicable
from bot.scan.measure import Measured, class_bases, cognitive, inheritance, measure
from bot.scan.tool import ToolFailed
from bot.scan.touched import Touched, python_files
from bot.sources import read_sources

NAME = "complexity"
_PATIENCE = 3
"""How much worse a function may get that was over the limit before."""
_WELL_DOCUMENTED = 0.8


@dataclass(frozen=True)
class _Figure:
    """One measure of one touched function, before and after; ``before`` None for a new one."""

    what: str
    limit: int
    before: int | None
    after: int


def judge(subject: Subject) -> GateResult:
    """Measure the touched functions on both sides."""
    paths = python_files(subject.change)
    if not paths.head:
        return not_applicable(NAME, "no Python file is added or edited")
    try:
        findings, count, health = _functions(subject, paths)
    except ToolFailed as error:
        return errored(NAME, str(error))
    findings += _classes(subject, paths)
    return from_findings(
        NAME, tuple(findings), f"within the limits: {counted(count, 'touched function')}", functions=count, **health
    )


def _functions(subject: Subject, paths: Touched) -> tuple[list[Finding], int, dict[str, Any]]:
    now = cognitive(subject.lab, subject.head.root, paths.head)
    for path in paths.head:
        if path not in now and parse(subject.head.text(path) or "(") is not None:
            raise ToolFailed(f"complexipy could not measure {path}; look whether the file is in order")
    before = _before(subject, paths)
    old_of = {new: old for old, new in paths.pairs}
    findings: list[Finding] = []
    count = 0
    earlier: list[Measured] = []
    later: list[Measured] = []
    for path in paths.head:
        touched = _touched(subject, path)
        count += len(touched)
        later += touched.values()
        earlier += filter(None, (before.of(name, old_of.get(path, path))[0] for name in touched))
        findings += _measured(subject, path, touched, now.get(path, {}), before)
        findings += _undocumented(path, before.measured.get(old_of.get(path, ""), {}), touched)
    return findings, count, {"base": _health(earlier), "head": _health(later)}


def _health(measured: list[Measured]) -> dict[str, Any]:
    """Return the worst and the mean of the touched functions on one side."""
    found = [each.cyclomatic for each in measured]
    mean = round(sum(found) / len(found), 2) if found else None
    longest = max((each.lines for each in measured), default=None)
    return {"functions": len(found), "worst_cyclomatic": max(found, default=None), "mean_cyclomatic": mean, "longest": longest}


@dataclass(frozen=True)
class _Before:
    """The base's figures by file."""

    measured: dict[str, dict[str, Measured]]
    cognition: dict[str, dict[int, int]]
    left: dict[str, str]
    """Function -> the file that it is gone from."""

    def of(self, name: str, path: str) -> tuple[Measured | None, int | None]:
        """Return what a function was: in its own file, else in the one that it left."""
        home = path if name in self.measured.get(path, {}) else self.left.get(name, "")
        was = self.measured.get(home, {}).get(name)
        return was, _at(self.cognition.get(home, {}), was) if was else None


def _before(subject: Subject, paths: Touched) -> _Before:
    gone = [each.path for each in subject.change.files if each.status is FileStatus.DELETED and each.path.endswith(".py")]
    files = (*paths.base, *gone)
    measured = {old: measure(subject.base.text(old) or "") for old in files}
    new_of = dict(paths.pairs)
    now = {old: measure(subject.head.text(new_of[old]) or "") if old in new_of else {} for old in files}
    left = {name: old for old, found in measured.items() for name in found if name not in now[old]}
    return _Before(measured, cognitive(subject.lab, subject.base.root, files) if files else {}, left)


def _measured(
    subject: Subject, path: str, touched: dict[str, Measured], cognition: dict[int, int], before: _Before
) -> Iterator[Finding]:
    file = subject.change.file(path)
    old = (file.old_path if file else None) or path
    for name, each in touched.items():
        was, earlier = before.of(name, old)
        for figure in _figures(subject, was, each, earlier, _at(cognition, each)):
            yield from _judged(path, name, each.definition.node.lineno, figure)


def _touched(subject: Subject, path: str) -> dict[str, Measured]:
    file = subject.change.file(path)
    lines = touched_lines(file) if file else frozenset[int]()
    return {name: each for name, each in measure(subject.head.text(path) or "").items() if each.definition.touched_by(lines)}


def _figures(
    subject: Subject, was: Measured | None, now: Measured, earlier: int | None, cognition: int | None
) -> Iterator[_Figure]:
    limits = subject.config.complexity
    yield _Figure("cyclomatic complexity", limits.cyclomatic, was.cyclomatic if was else None, now.cyclomatic)
    yield _Figure("length in lines", limits.function_lines, was.lines if was else None, now.lines)
    if cognition is not None:
        yield _Figure("cognitive complexity", limits.cognitive, earlier, cognition)


def _judged(path: str, name: str, line: int, figure: _Figure) -> Iterator[Finding]:
    rule = figure.what.replace(" ", "-")
    if figure.after <= figure.limit or (figure.before is not None and figure.after <= figure.before):
        return
    before = "new" if figure.before is None else f"was {figure.before}"
    message = f"{name}: {figure.what} is {figure.after} ({before}), at most {figure.limit} is allowed; split it"
    was_over = figure.before is not None and figure.before > figure.limit
    little = figure.before is not None and figure.after - figure.before <= _PATIENCE
    yield Finding(path, line, message, rule, Severity.WARNING if was_over and little else Severity.ERROR)


def _at(by_line: dict[int, int], measured: Measured) -> int | None:
    return by_line.get(measured.definition.node.lineno, by_line.get(measured.definition.first))


def _undocumented(path: str, known: dict[str, Measured], touched: dict[str, Measured]) -> Iterator[Finding]:
    """New public functions without a docstring, in files whose public functions have one."""
    public = [each for each in known.values() if each.public]
    if not public or sum(each.documented for each in public) / len(public) < _WELL_DOCUMENTED:
        return
    for name, each in touched.items():
        if each.public and not each.documented and name not in known:
            line = each.definition.node.lineno
            yield Finding(path, line, f"{name} has no docstring, its neighbours have", "undocumented", Severity.WARNING)


def _classes(subject: Subject, paths: Touched) -> list[Finding]:
    """Touched classes that stand on too many others of the project."""
    limit = subject.config.complexity.inheritance
    touched = [(path, node) for path in paths.head for node in _touched_classes(subject, path)]
    if not touched:
        return []
    now = class_bases(read_sources(subject.head.root).files.values())
    was = class_bases(read_sources(subject.base.root).files.values())
    findings: list[Finding] = []
    for path, node in touched:
        depth = inheritance(node.name, now)
        if depth > limit and depth > inheritance(node.name, was):
            message = (
                f"{node.name} stands on {depth - 1} other classes in a row, at most {limit - 1} are allowed; hold one instead"
            )
            findings.append(Finding(path, node.lineno, message, "inheritance"))
    return findings


def _touched_classes(subject: Subject, path: str) -> Iterator[ast.ClassDef]:
    tree, file = parse(subject.head.text(path) or ""), subject.change.file(path)
    lines = touched_lines(file) if file else frozenset[int]()
    for definition in definitions(tree) if tree else ():
        node = definition.node
        if (
            isinstance(node, ast.ClassDef)
            and node.bases
            and not lines.isdisjoint(range(definition.first, node.body[0].lineno + 1))
        ):
            yield node


GATE = Gate(NAME, "cyclomatic ≤ 10, cognitive ≤ 15, function ≤ 50 lines, inheritance ≤ 3, on what was touched", judge)
