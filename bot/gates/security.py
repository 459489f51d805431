"""``security``: no dangerous call comes in, by Pawl's own rules and by bandit.

Own rules match in the base too, so what was dangerous before and merely moved is nobody's fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.change.outline import parse
from bot.change.testing import IsTest
from bot.gate import Finding, Gate, GateResult, Severity, Subject, errored, from_findings, not_applicable
from bot.scan import bandit, disclosure, execution, harness, injection, transport
from bot.scan.novelty import Text, fresh
from bot.scan.rule import Danger, dangers
from bot.scan.tool import ToolFailed
from bot.scan.touched import python_files

NAME = "security"
RULES = (*execution.RULES, *injection.RULES, *transport.RULES, *disclosure.RULES, *harness.RULES)
_NOSEC = re.compile(r"#\s*nosec\b", re.IGNORECASE)


def judge(subject: Subject) -> GateResult:
    """Compare what is dangerous on both sides."""
    paths = python_files(subject.change)
    if not paths.head:
        return not_applicable(NAME, "no Python file is added or edited")
    broken = tuple(
        Finding(path, 1, f"{path} is no Python that can be read", "syntax") for path in _broken(subject.head.text, paths.head)
    )
    if broken:
        return from_findings(NAME, broken, "")
    mine = fresh(
        _own(subject.base.text, paths.base, subject.base.is_test),
        _own(subject.head.text, paths.head, subject.head.is_test),
        subject.change,
        subject.base.text,
        subject.head.text,
    )
    try:
        theirs = _bandit(subject)
    except ToolFailed as error:
        return errored(NAME, str(error))
    known = {(each.path, each.line) for each in mine}
    findings = (*mine, *(each for each in theirs if (each.path, each.line) not in known), *_silenced(subject))
    weighed = tuple(_weighed(each, subject.head.is_test) for each in findings)
    return from_findings(NAME, weighed, f"nothing dangerous comes in ({len(RULES)} rules and bandit)")


def _own(text: Text, paths: Iterable[str], is_test: IsTest) -> list[Finding]:
    return [
        _finding(path, each)
        for path in paths
        for each in dangers(text(path) or "", RULES)
        if each.rule.in_tests or not is_test(path)
    ]


def _finding(path: str, danger: Danger) -> Finding:
    return Finding(path, danger.line, f"{danger.what}: {danger.rule.why}", danger.rule.name, danger.rule.severity)


def _bandit(subject: Subject) -> tuple[Finding, ...]:
    paths = python_files(subject.change)
    head = bandit.check(subject.lab, subject.head.root, paths.head)
    if not head:
        return ()
    readable = set(paths.base) - set(_broken(subject.base.text, paths.base))
    base = bandit.check(subject.lab, subject.base.root, sorted(readable)) if readable else ()
    return fresh(base, head, subject.change, subject.base.text, subject.head.text)


def _broken(text: Text, paths: Iterable[str]) -> list[str]:
    return [path for path in paths if parse(text(path) or "" if text(path) is not None else "(") is None]


def _silenced(subject: Subject) -> Iterator[Finding]:
    for file in subject.change.files:
        lines = (subject.head.text(file.path) or "").split("\n") if file.path.endswith(".py") else []
        for number in sorted(file.added_lines):
            if number <= len(lines) and _NOSEC.search(lines[number - 1]):
                message = "a comment hides the line from other security scanners; see that the reason holds"
                yield Finding(file.path, number, message, "nosec", Severity.WARNING)


def _weighed(finding: Finding, is_test: IsTest) -> Finding:
    """Bandit's own findings weigh less in tests, which feed bad data on purpose."""
    if is_test(finding.path) and re.match(r"B\d+\Z", finding.rule):
        return replace(finding, severity=Severity.WARNING)
    return finding


GATE = Gate(NAME, "bandit, and dangerous calls that the change adds", judge)
