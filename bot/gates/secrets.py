"""``secrets``: no credential is in the lines that the change adds, the locked spec's included, nor in the names of its files.

Nor in any commit on the way: what one brings in and a later one takes out stays in the history for everybody to read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from bot.change.area import is_lock
from bot.change.change import FileChange, FileStatus
from bot.change.counted import counted
from bot.credentials import Credential, credentials
from bot.gate import Finding, Gate, GateResult, Severity, Subject, from_findings, not_applicable

NAME = "secrets"
_SETTINGS = frozenset(
    {".env", ".ini", ".cfg", ".conf", ".yml", ".yaml", ".properties", ".toml", ".sh", ".envrc", ".netrc", ".pgpass"}
)
_KEY_FILES = frozenset({".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk", ".asc"})
_KEY_NAMES = frozenset({"id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".netrc", ".pypirc", ".pgpass", ".htpasswd", "credentials"})
_ADVICE = "take it out, make a new one, and read it from the environment"


def judge(subject: Subject) -> GateResult:
    """Look at every added line and every added file name."""
    files = [each for each in subject.change.files if each.status is not FileStatus.DELETED]
    past = subject.past
    if not files and not past.steps and not past.unseen:
        return not_applicable(NAME, "nothing is added")
    known = {each.value for file in subject.change.files for _number, each in _found(file, "-")}
    findings = [finding for file in files for finding in (*_named(subject, file), *_within(subject, file, known))]
    findings += _taken_out(subject, known)
    if past.unseen:
        findings.append(Finding("", 1, f"not every commit could be searched: {past.unseen}", "unseen-history", Severity.WARNING))
    clean = f"no credential in {counted(sum(each.added for each in files), 'added line')}"
    clean += f" and {counted(len(past.steps), 'commit')}" if past.steps else ""
    return from_findings(NAME, tuple(findings), f"{clean}; not every commit could be seen" if past.unseen else clean)


def _taken_out(subject: Subject, known: set[str]) -> Iterator[Finding]:
    """Yield the credentials that a commit on the way brought in and the head no longer has."""
    told = known | {each.value for file in subject.change.files for _number, each in _found(file, "+")}
    for step in subject.past.steps:
        for file in step.files:
            for _number, each in _found(file, "+"):
                mild = not each.sure and (is_lock(file.path) or subject.head.is_test(file.path))
                if each.value in told or mild:
                    continue
                told.add(each.value)
                where = f"{file.path} in commit {step.head[:12]}"
                message = f"{each.kind}, {each.hint}: {where}, taken out later and still in the history; {_REWRITE}"
                yield Finding("", 1, message, each.kind.lower().replace(" ", "-"))


_REWRITE = "make a new one, and squash the commits before they are merged"


def _within(subject: Subject, file: FileChange, known: set[str]) -> Iterator[Finding]:
    for number, each in _found(file, "+"):
        if is_lock(file.path) and not each.sure:
            continue
        mild = each.value in known or (not each.sure and subject.head.is_test(file.path))
        what = f"{each.kind}, {each.hint}"
        message = f"{what}: it was there before; {_ADVICE}" if each.value in known else f"{what}: {_ADVICE}"
        rule = each.kind.lower().replace(" ", "-")
        yield Finding(file.path, number, message, rule, Severity.WARNING if mild else Severity.ERROR)


def _found(file: FileChange, sign: str) -> Iterator[tuple[int, Credential]]:
    """Yield the credentials on added or removed lines, with their line on that side."""
    name = PurePosixPath(file.path).name
    bare = PurePosixPath(file.path).suffix in _SETTINGS or name in _SETTINGS or name.startswith(".env")
    for hunk in file.hunks:
        number = hunk.new_start if sign == "+" else hunk.old_start
        for line in hunk.lines:
            if line.startswith(sign):
                for each in credentials(line[1:], bare=bare):
                    yield number, each
            number += line[0] in f" {sign}"


def _named(subject: Subject, file: FileChange) -> Iterator[Finding]:
    pure = PurePosixPath(file.path)
    test = subject.head.is_test(file.path)
    if file.status is FileStatus.ADDED and (pure.suffix in _KEY_FILES or pure.name in _KEY_NAMES) and not test:
        yield Finding(file.path, 1, f"a file of this name usually holds a key: {_ADVICE}", "key-file")


GATE = Gate(NAME, "no credential in the change, nor in any of its commits", judge)
