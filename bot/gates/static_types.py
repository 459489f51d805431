"""``static_types``: mypy finds nothing new, strict where the touched code is annotated, and no type gets weaker.

Unannotated functions are looked into only where the project asks mypy to. Files that use what was changed are checked too, as a
new signature breaks its callers.
"""

from __future__ import annotations

from bot.change.counted import counted
from bot.change.impact import impact
from bot.change.outline import Definition, definitions, parse, touched_lines
from bot.gate import Finding, Gate, GateResult, Severity, Subject, errored, from_findings, not_applicable
from bot.scan import mypy
from bot.scan.novelty import fresh
from bot.scan.tool import ToolFailed
from bot.scan.touched import python_files
from bot.scan.weakened import annotated, typed_throughout, weakened
from bot.sources import read_sources

NAME = "static_types"
_MOST_CALLERS = 30
_GENTLE = frozenset({"var-annotated", "no-redef"})
"""What mypy needs to know rather than what is wrong."""


def judge(subject: Subject) -> GateResult:
    """Compare mypy's findings on both sides, and the annotations themselves."""
    paths = python_files(subject.change)
    files = tuple(path for path in paths.head if not subject.head.is_test(path))
    if not files:
        return not_applicable(NAME, "no Python file besides tests is added or edited")
    broken = tuple(_syntax(path) for path in files if parse(subject.head.text(path) or "") is None)
    if broken:
        return from_findings(NAME, broken, "")
    weaker = _weakened(subject)
    chosen = mypy.setting(subject.base.text, has_src=(subject.base.root / "src").is_dir())
    checked = {*files, *_callers(subject)}
    try:
        head = mypy.check(subject.lab, subject.head.root, checked, chosen)
    except ToolFailed as error:
        return errored(NAME, _cannot(subject, checked, chosen, str(error)))
    try:
        base = _before(subject, checked, chosen) if head else ()
    except ToolFailed as error:
        return errored(NAME, str(error))
    clean = f"mypy finds nothing new in {counted(len(checked), 'file')}, and no type got weaker"
    findings = _new(subject, chosen, base, head)
    counts = {"head": _health(head), **({"base": _health(base)} if head else {})}
    return from_findings(NAME, (*weaker, *findings), clean, checked=sorted(checked), **counts)


def _health(findings: tuple[Finding, ...]) -> dict[str, int]:
    return {"findings": len(findings)}


def _syntax(path: str) -> Finding:
    return Finding(path, 1, f"{path} is no Python that can be parsed", "syntax")


def _callers(subject: Subject) -> tuple[str, ...]:
    """Unchanged files that use what was changed, as far as they parse."""
    sources = read_sources(subject.head.root).files
    users = impact(subject.change, subject.head.text, sources).used_by
    return tuple(path for path in users if parse(sources[path]) is not None)[:_MOST_CALLERS]


def _cannot(subject: Subject, checked: set[str], chosen: mypy.Setting, reason: str) -> str:
    """Return why mypy could not read the head, and whether the change is to blame for it."""
    try:
        _before(subject, checked, chosen)
    except ToolFailed:
        return f"{reason} (nor could it read the project before the change: see what `mypy {min(checked)}` says there)"
    return reason


def _before(subject: Subject, checked: set[str], chosen: mypy.Setting) -> tuple[Finding, ...]:
    """Return what mypy finds on the base; raises ToolFailed where it cannot read that."""
    there = {path for path in _old_paths(subject, checked) if parse(subject.base.text(path) or "(") is not None}
    return mypy.check(subject.lab, subject.base.root, there, chosen)


def _new(subject: Subject, chosen: mypy.Setting, base: tuple[Finding, ...], head: tuple[Finding, ...]) -> tuple[Finding, ...]:
    added = fresh(base, head, subject.change, subject.base.text, subject.head.text) if head else ()
    return tuple(filter(None, (_weighed(subject, each, chosen) for each in added)))


def _old_paths(subject: Subject, checked: set[str]) -> set[str]:
    moved = {each.path: each.old_path for each in subject.change.files if each.old_path}
    return {moved.get(path) or path for path in checked}


def _weighed(subject: Subject, finding: Finding, chosen: mypy.Setting) -> Finding | None:
    """Keep what counts: strictness only on touched annotated code, unannotated functions only where the project wants it."""
    source = subject.head.text(finding.path) or ""
    inside = _around(source, finding.line)
    function = inside.function if inside else None
    if finding.rule in mypy.STRICT_ONLY:
        file = subject.change.file(finding.path)
        if inside is None or function is None or file is None or not inside.touched_by(touched_lines(file)):
            return None
        old = subject.base.text(file.old_path or file.path)
        if not annotated(function) and not typed_throughout(old or ""):
            return None
    elif function is not None and not annotated(function) and not chosen.checks_untyped:
        return None
    severity = Severity.WARNING if finding.rule in _GENTLE else Severity.ERROR
    return Finding(finding.path, finding.line, finding.message, finding.rule, severity)


def _around(source: str, line: int) -> Definition | None:
    """Return the innermost function around a line."""
    tree = parse(source)
    found = [each for each in definitions(tree) if each.function and each.first <= line <= each.last] if tree else []
    return found[-1] if found else None


def _weakened(subject: Subject) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for old, new in python_files(subject.change).pairs:
        file = subject.change.file(new)
        before, after = subject.base.text(old), subject.head.text(new)
        if file is not None and before is not None and after is not None and not subject.head.is_test(new):
            found += weakened(file, before, after)
    return tuple(found)


GATE = Gate(NAME, "mypy: nothing new, strict on touched annotated code; types never weakened", judge)
