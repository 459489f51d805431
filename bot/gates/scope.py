"""``scope``: only what was asked for was touched: paths, size, kinds of file, and nothing that readers cannot see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from bot.change.area import Area, area
from bot.change.change import FileChange, FileStatus
from bot.change.counted import counted
from bot.change.interface import compare_interfaces
from bot.change.paths import may_upgrade, why_not
from bot.gate import Finding, Gate, GateResult, Severity, Subject, from_findings, not_applicable
from bot.syntax.hidden import hidden_characters, lookalike_names

NAME = "scope"
_MODES = {
    "120000": "a symbolic link can lead anywhere; write the file itself",
    "160000": "a submodule brings in code that nobody here can see; ask for it by itself",
}
_MEDIA = frozenset({".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".webp", ".pdf"})
_HOOKS = re.compile(r"(\A|/)(sitecustomize\.py|usercustomize\.py|[^/]+\.pth|\.gitmodules|\.gitattributes|\.pdbrc|\.envrc)\Z")
_NAMED_FILE = re.compile(r"(?<![\w./-])((?:[\w.-]+/)*[\w-]+\.pyi?)\b")


def judge(subject: Subject) -> GateResult:
    """Look at every touched file besides those that the locked spec itself brought."""
    files = tuple(each for each in subject.change.files if each.path not in subject.brought)
    if not files:
        return not_applicable(NAME, "nothing but the locked spec was added")
    findings = [*_size(subject, files), *_unasked(subject, files)]
    for file in files:
        findings += [*_path(subject, file), *_kind(subject, file), *_hidden(subject, file)]
    lines = sum(each.added + each.removed for each in files)
    return from_findings(
        NAME, tuple(findings), f"{counted(lines, 'line')} in {counted(len(files), 'file')}, all within what may be touched"
    )


def _size(subject: Subject, files: tuple[FileChange, ...]) -> Iterator[Finding]:
    caps = subject.config.scope
    lines = sum(each.added + each.removed for each in files)
    if len(files) > caps.files:
        yield Finding(
            "", 1, f"{counted(len(files), 'file')} changed, at most {caps.files} are allowed; split the change", "too-many-files"
        )
    if lines > caps.lines:
        yield Finding(
            "", 1, f"{counted(lines, 'line')} changed, at most {caps.lines} are allowed; split the change", "too-many-lines"
        )


def _path(subject: Subject, file: FileChange) -> Iterator[Finding]:
    paths = subject.config.paths
    upgrade = may_upgrade(None, subject.instruction)
    for path in filter(None, (file.path, file.old_path)):
        reason = why_not(path, paths.allowed, paths.protected, upgrade=upgrade)
        if reason and subject.spec is None:  # others may, where people agree: Pawl makes no change without a spec
            people = f"{reason}; the policies ask for people's approvals"
            yield Finding(file.path, 1, people, "path", Severity.WARNING)
        elif reason:
            yield Finding(file.path, 1, reason, "path")


def _kind(subject: Subject, file: FileChange) -> Iterator[Finding]:
    if file.status is FileStatus.DELETED:
        return
    if file.mode in _MODES:
        yield Finding(file.path, 1, _MODES[file.mode], "mode")
    elif file.mode == "100755":
        script = (subject.head.text(file.path) or "").startswith("#!")
        severity = Severity.WARNING if script else Severity.ERROR
        yield Finding(file.path, 1, "the file becomes executable; only scripts that start with #! need that", "mode", severity)
    if file.binary:
        severity = Severity.WARNING if PurePosixPath(file.path).suffix.lower() in _MEDIA else Severity.ERROR
        yield Finding(file.path, 1, "a binary file: nobody can review what is in it", "binary", severity)
    if _HOOKS.search(file.path):
        yield Finding(file.path, 1, "tools read this file by themselves and act on it; ask for it by itself", "hook")


def _hidden(subject: Subject, file: FileChange) -> Iterator[Finding]:
    """Only characters that the file's lost lines did not have already."""
    known = {letter for hunk in file.hunks for line in hunk.lines if line.startswith("-") for letter in line}
    for number, line in _added(file):
        for each in hidden_characters(line):
            if line[each.column - 1] not in known:
                yield Finding(
                    file.path, number, f"{each.code} in column {each.column}: {each.why}; remove it", "hidden-character"
                )
    text = subject.head.text(file.path) if file.path.endswith(".py") else None
    for number, name in lookalike_names(text or ""):
        if number in file.added_lines:
            yield Finding(file.path, number, f"the name {name!a} mixes letters that look alike; use one alphabet", "look-alike")


def _added(file: FileChange) -> Iterator[tuple[int, str]]:
    for hunk in file.hunks:
        number = hunk.new_start
        for line in hunk.lines:
            if line.startswith("+"):
                yield number, line[1:]
            number += line[0] in " +"


def _unasked(subject: Subject, files: tuple[FileChange, ...]) -> Iterator[Finding]:
    """Files and public names that the instruction does not speak of; a reader should know, the tests decide."""
    if not subject.instruction:
        return
    named = {each.rsplit("/", 1)[-1] for each in _NAMED_FILE.findall(subject.instruction)}
    source = [each for each in files if area(each.path) is Area.SOURCE]
    if named & {PurePosixPath(each.path).name for each in source}:
        for file in source:
            if PurePosixPath(file.path).name not in named:
                message = "the instruction names other files and not this one"
                yield Finding(file.path, min(file.added_lines, default=1), message, "unasked-file", Severity.WARNING)
    for name in compare_interfaces(subject.change, subject.base.text, subject.head.text, subject.head.is_test).widened:
        if not re.search(rf"(?<!\w){re.escape(name.rsplit('.', 1)[-1])}(?!\w)", subject.instruction):
            yield Finding(
                "", 1, f"{name} is a new public name that the instruction does not speak of", "unasked-name", Severity.NOTE
            )


GATE = Gate(NAME, "only what was asked for was touched: paths, size, kinds of file, nothing hidden", judge)
