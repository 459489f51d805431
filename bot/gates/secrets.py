"""``secrets``: no credential is in the lines that the change adds, the locked spec's included, nor in the names of its files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from bot.change.area import is_lock, is_test
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
    if not files:
        return not_applicable(NAME, "nothing is added")
    known = {each.value for file in subject.change.files for _number, each in _found(file, "-")}
    findings = [finding for file in files for finding in (*_named(file), *_within(file, known))]
    lines = sum(each.added for each in files)
    return from_findings(NAME, tuple(findings), f"no credential in {counted(lines, 'added line')}")


def _within(file: FileChange, known: set[str]) -> Iterator[Finding]:
    for number, each in _found(file, "+"):
        if is_lock(file.path) and not each.sure:
            continue
        mild = each.value in known or (not each.sure and is_test(file.path))
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


def _named(file: FileChange) -> Iterator[Finding]:
    pure = PurePosixPath(file.path)
    if file.status is FileStatus.ADDED and (pure.suffix in _KEY_FILES or pure.name in _KEY_NAMES) and not is_test(file.path):
        yield Finding(file.path, 1, f"a file of this name usually holds a key: {_ADVICE}", "key-file")


GATE = Gate(NAME, "no credential in the change", judge)
