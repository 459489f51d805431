"""``lint``: ruff finds nothing new on the touched files, and files that were formatted stay so.

What it finds in the locked spec's own files is told and refuses nothing: they hold the examples as somebody wrote them, and
whoever makes the change may not touch them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.change.counted import counted
from bot.gate import Finding, Gate, GateResult, Severity, Subject, errored, from_findings, not_applicable
from bot.scan import ruff
from bot.scan.novelty import fresh
from bot.scan.tool import ToolFailed
from bot.scan.touched import python_files

NAME = "lint"
_WHOLE_FILE = re.compile(r"#\s*(?:ruff|flake8)\s*:\s*noqa", re.IGNORECASE)
_ONE_LINE = re.compile(r"#\s*noqa\b", re.IGNORECASE)


def judge(subject: Subject) -> GateResult:
    """Compare what ruff says of the head with what it says of the base."""
    paths = python_files(subject.change)
    if not paths.head:
        return not_applicable(NAME, "no Python file is added or edited")
    setting = ruff.setting(subject.base.text)
    try:
        findings = (*_new(subject, setting), *_layout(subject, setting), *_silenced(subject))
    except ToolFailed as error:
        return errored(NAME, str(error))
    clean = f"ruff finds nothing new in {counted(len(paths.head), 'file')}"
    return from_findings(NAME, tuple(_weighed(each, subject) for each in findings), clean, **setting.evidence)


def _weighed(finding: Finding, subject: Subject) -> Finding:
    return replace(finding, severity=Severity.WARNING) if finding.path in subject.brought else finding


def _new(subject: Subject, setting: ruff.Setting) -> tuple[Finding, ...]:
    """Run on the base only where the head has something to compare."""
    paths = python_files(subject.change)
    try:
        head = ruff.check(subject.lab, subject.head.root, paths.head, setting.check)
    except ToolFailed:
        # A selection that this ruff does not know must not switch the gate off: Pawl's own is stricter than none.
        setting = ruff.PAWLS_OWN
        head = ruff.check(subject.lab, subject.head.root, paths.head, setting.check)
    if not head:
        return ()
    base = ruff.check(subject.lab, subject.base.root, paths.base, setting.check) if paths.base else ()
    new = fresh(base, head, subject.change, subject.base.text, subject.head.text)
    return tuple(ruff.weighed(each, setting) for each in new)


def _layout(subject: Subject, setting: ruff.Setting) -> tuple[Finding, ...]:
    """Files that the formatter would have left alone before and would not now; an error where the project says it formats."""
    paths = python_files(subject.change)
    try:
        loose = ruff.unformatted(subject.lab, subject.head.root, paths.head, setting.format)
        known = [old for old, new in paths.pairs if new in loose]
        if not known:
            return ()
        before = ruff.unformatted(subject.lab, subject.base.root, known, setting.format)
    except ToolFailed:
        if setting.formats:
            raise
        return ()
    severity = Severity.ERROR if setting.formats else Severity.WARNING
    first = {each.path: min(each.added_lines, default=1) for each in subject.change.files}
    worse = [new for old, new in paths.pairs if new in loose and old not in before]
    return tuple(Finding(path, first[path], _SENTENCE, "format", severity) for path in worse)


_SENTENCE = "the file was formatted and no longer is; run ruff format on it"


def _silenced(subject: Subject) -> Iterator[Finding]:
    """Comments that make linters look away, where the change brings them."""
    for file in subject.change.files:
        text = subject.head.text(file.path) if file.path.endswith(".py") else None
        lines = text.split("\n") if text else []
        for number in sorted(file.added_lines):
            line = lines[number - 1] if number <= len(lines) else ""
            if _WHOLE_FILE.search(line):
                yield Finding(
                    file.path, number, "a whole file is hidden from the linter; name the rule on its line instead", "noqa-file"
                )
            elif _ONE_LINE.search(line):
                message = "a finding is hidden from the linter; see that the reason holds"
                yield Finding(file.path, number, message, "noqa", Severity.WARNING)


GATE = Gate(NAME, "ruff: nothing new; files that were formatted stay so", judge)
