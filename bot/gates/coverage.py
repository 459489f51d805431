"""Are the changed lines and branches run by some test, and is the whole project covered no worse than before?

Only what can run counts: not words, comments, declarations or the lines of a statement after its first. A branch is one of
the two ways out of an ``if``, ``while`` or ``for``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.behaviour.touched import TouchedFile, touched
from bot.gate import Finding, Gate, GateResult, Severity, Subject, Tree, errored, failed, not_applicable, passed
from bot.harness.harness import SuiteRun, TestOutcome
from bot.lab import FILE_ORDER
from bot.sources import read_sources

NAME = "coverage"
Arcs = frozenset[tuple[int, int]]
_FINE = frozenset({TestOutcome.PASSED, TestOutcome.XPASSED, TestOutcome.XFAILED, TestOutcome.SKIPPED})


@dataclass(frozen=True)
class _Way:
    """One way out of a branching statement, and whether some test takes it."""

    line: int
    taken: bool
    words: str


@dataclass(frozen=True)
class _Counts:
    """How many statements of a tree's own code ran, and how many there are."""

    ran: int
    total: int

    @property
    def share(self) -> float:
        return self.ran / self.total if self.total else 1.0

    def shown(self) -> dict[str, float]:
        return {"statements": self.total, "run": self.ran, "share": round(self.share, 4)}


@dataclass(frozen=True)
class _Tally:
    """What of a file's changed code was run."""

    path: str
    lines: Mapping[int, bool]
    ways: tuple[_Way, ...]


def judge(subject: Subject) -> GateResult:
    """Compare the traced suite of the head with the lines and branches of the change."""
    files = touched(subject.base.text, subject.head.text, subject.change.paths, subject.head.is_test)
    if not files:
        return not_applicable(NAME, "no line of code changed: only comments, words, tests or files that are no Python")
    run = subject.lab.suite(subject.head.root, (), FILE_ORDER, trace=True)
    if not run.trusted:
        return errored(NAME, f"the traced run of the suite cannot be trusted: {run.why_not}")
    tallies = tuple(_tally(file, run) for file in files)
    if not any(each.lines for each in tallies):
        return not_applicable(NAME, "the change brings in no statement that runs: it only takes away or declares")
    old = subject.lab.suite(subject.base.root, (), FILE_ORDER, trace=True)
    before = _counts(subject.base, old) if old.trusted else _Counts(0, 0)
    return _verdict(subject, tallies, before, _counts(subject.head, run))


def _verdict(subject: Subject, tallies: tuple[_Tally, ...], before: _Counts, after: _Counts) -> GateResult:
    wanted = subject.config.coverage
    lines = [run for each in tallies for run in each.lines.values()]
    ways = [way.taken for each in tallies for way in each.ways]
    line_share, way_share = _share(lines), _share(ways)
    findings = (
        *_whole(subject, before, after),
        *_missed_lines(tallies, short=line_share < wanted.changed_lines),
        *_untaken_ways(tallies, short=way_share < wanted.changed_branches),
    )
    words = f"{sum(lines)} of {len(lines)} changed statements and {sum(ways)} of {len(ways)} branches are run by some test"
    evidence = {
        "lines": {each.path: {str(line): run for line, run in each.lines.items()} for each in tallies},
        "changed_lines": round(line_share, 4),
        "changed_branches": round(way_share, 4),
        **{side: counts.shown() for side, counts in (("base", before), ("head", after)) if counts.total},
    }
    bad = any(each.severity is Severity.ERROR for each in findings)
    return failed(NAME, words, findings, **evidence) if bad else passed(NAME, words, findings, **evidence)


def _share(taken: list[bool]) -> float:
    return sum(taken) / len(taken) if taken else 1.0


def _missed_lines(tallies: tuple[_Tally, ...], *, short: bool) -> Iterator[Finding]:
    for each in tallies:
        yield from (_missed(each.path, line, short=short) for line, run in each.lines.items() if not run)


def _untaken_ways(tallies: tuple[_Tally, ...], *, short: bool) -> Iterator[Finding]:
    for each in tallies:
        yield from (_untaken(each.path, way, short=short) for way in each.ways if not way.taken)


def _missed(path: str, line: int, *, short: bool) -> Finding:
    severity = Severity.ERROR if short else Severity.WARNING
    return Finding(path, line, "no test runs this line: what it does is not shown", "line", severity)


def _untaken(path: str, way: _Way, *, short: bool) -> Finding:
    message = f"no test shows what happens {way.words}"
    return Finding(path, way.line, message, "branch", Severity.ERROR if short else Severity.WARNING)


def _tally(file: TouchedFile, run: SuiteRun) -> _Tally:
    covered, arcs = run.covered.get(file.path, frozenset()), run.arcs.get(file.path, frozenset())
    lines: dict[int, bool] = {}
    ways: list[_Way] = []
    for node in _statements(ast.parse(file.source)):
        if node.lineno not in file.lines:
            continue
        lines[node.lineno] = not covered.isdisjoint(_own_lines(node))
        ways += _ways(node, arcs) if lines[node.lineno] else ()
    return _Tally(file.path, dict(sorted(lines.items())), tuple(ways))


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield the statements for which the interpreter reports a line."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt) or isinstance(node, ast.Global | ast.Nonlocal):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.AnnAssign) and node.value is None:
            continue
        yield node


def _own_lines(node: ast.stmt) -> range:
    """The lines of a statement without its body; of a decorated definition, from the first decorator on."""
    body = getattr(node, "body", None)
    first = min((node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))))
    last = max(first + 1, body[0].lineno) if isinstance(body, list) and body else (node.end_lineno or node.lineno) + 1
    return range(first, last)


def _ways(node: ast.stmt, arcs: Arcs) -> Iterator[_Way]:
    if not isinstance(node, ast.If | ast.While | ast.For | ast.AsyncFor) or _is_endless(node):
        return
    inside = set(_own_lines(node.body[0]))
    head = set(_own_lines(node)) - inside
    if not head:
        return
    targets = {end for start, end in arcs if start in head and end not in head}
    loop = not isinstance(node, ast.If)
    yield _Way(node.lineno, bool(targets & inside), "inside the loop" if loop else "where this condition holds")
    yield _Way(node.lineno, bool(targets - inside), "when the loop is done" if loop else "where this condition does not hold")


def _is_endless(node: ast.stmt) -> bool:
    return isinstance(node, ast.If | ast.While) and isinstance(node.test, ast.Constant)


def _whole(subject: Subject, before: _Counts, after: _Counts) -> tuple[Finding, ...]:
    """Return what is to be said of the whole project: under the floor, or worse than the base."""
    floor = subject.config.coverage.floor
    if after.total and after.share < floor:
        return (Finding("", 1, f"{after.share:.1%} of the project is covered, {floor:.0%} is the floor", "floor"),)
    fell = before.total and after.total and after.share < before.share
    if fell and after.total - after.ran > before.total - before.ran:
        words = f"{after.share:.1%} of the project is covered, {before.share:.1%} was before the change"
        return (Finding("", 1, words, "fallen"),)
    return ()


def _counts(tree: Tree, run: SuiteRun) -> _Counts:
    """Count the statements of a tree's own code; what only failing tests run counts as not run."""
    ran = total = 0
    lost = _run_by_failing_tests(run)
    for path, text in read_sources(tree.root).files.items():
        if not path.endswith(".py") or tree.is_test(path):
            continue
        try:
            nodes = list(_statements(ast.parse(text)))
        except (SyntaxError, ValueError, RecursionError):
            continue
        covered = run.covered.get(path, frozenset()) - lost.get(path, frozenset())
        total += len(nodes)
        ran += sum(not covered.isdisjoint(_own_lines(each)) for each in nodes)
    return _Counts(ran, total)


def _run_by_failing_tests(run: SuiteRun) -> dict[str, frozenset[int]]:
    """Return the lines that only failing tests ran: a failure alone runs some (``__repr__``), and no test vouches for them."""
    failing = {each.id for each in run.results if each.outcome not in _FINE}
    found: dict[str, frozenset[int]] = {}
    for test in failing:
        for path, lines in run.covered_by.get(test, {}).items():
            found[path] = found.get(path, frozenset()) | lines
    for test in run.covered_by.keys() - failing:
        for path, lines in run.covered_by[test].items():
            found[path] = found.get(path, frozenset()) - lines
    return found


GATE = Gate(NAME, "are changed lines and branches run by some test, and the project no worse than before?", judge, runs_code=True)
