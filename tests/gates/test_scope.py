"""The scope gate: paths, size, kinds of file, hidden text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.change.change import FileChange, FileStatus
from bot.config import Config, Paths, Scope
from bot.gate import GateResult, Severity, Verdict
from bot.gates.scope import GATE
from bot.ids import Digest
from bot.spec.spec import Spec, SpecFile

SPEC = Spec((), (), (), Digest("sha256:0"))
OLD = {"pkg/a.py": "x = 1\n", "pkg/b.py": "y = 1\n"}


def rules(result: GateResult, severity: Severity = Severity.ERROR) -> list[str]:
    return [each.rule for each in result.findings if each.severity is severity]


def test_a_small_edit_is_in_scope(subject: Any) -> None:
    result = GATE.judge(subject(OLD, {**OLD, "pkg/a.py": "x = 2\n"}, "fix x"))
    assert (result.verdict, result.summary) == (Verdict.PASS, "2 lines in 1 file, all within what may be touched")


def test_the_locked_spec_itself_does_not_count(subject: Any) -> None:
    spec = Spec((), (SpecFile("tests/test_spec.py", "x"),), (), Digest("sha256:0"))
    assert GATE.judge(subject({}, {"tests/test_spec.py": "x"}, spec=spec)).verdict is Verdict.NOT_APPLICABLE


def test_size(subject: Any) -> None:
    config = Config(scope=Scope(files=1, lines=2))
    result = GATE.judge(subject(OLD, {"pkg/a.py": "x = 2\n", "pkg/b.py": "y = 2\n"}, config=config))
    assert rules(result) == ["too-many-files", "too-many-lines"]


@pytest.mark.parametrize(
    "path", [".github/workflows/ci.yml", "sub/AGENTS.md", "pawl.yml", "pyproject.toml", "uv.lock", ".GitHub/x"]
)
def test_protected_paths(subject: Any, path: str) -> None:
    others = subject({}, {path: "x\n"}, "fix the rounding")
    result = GATE.judge(replace(others, spec=SPEC))
    assert (result.verdict, rules(result)) == (Verdict.FAIL, ["path"])
    assert GATE.judge(others).verdict is Verdict.PASS, "what others change there is for people to agree with"
    assert rules(GATE.judge(others), Severity.WARNING) == ["path"]


@pytest.mark.parametrize("instruction", ["upgrade requests", "add the package attrs", "bump the dependency", ""])
def test_manifests_when_asked_or_nobody_said(subject: Any, instruction: str) -> None:
    assert GATE.judge(subject({}, {"pyproject.toml": "x = 1\n"}, instruction)).verdict is Verdict.PASS


def test_allowed_paths(subject: Any) -> None:
    config = Config(paths=Paths(allowed=("src/**",)))
    assert rules(GATE.judge(subject(OLD, {**OLD, "pkg/a.py": "x = 2\n"}, config=config, spec=SPEC))) == ["path"]


@pytest.mark.parametrize(
    ("file", "rule", "severity"),
    [
        (FileChange("link", FileStatus.ADDED, mode="120000"), "mode", Severity.ERROR),
        (FileChange("module", FileStatus.ADDED, mode="160000"), "mode", Severity.ERROR),
        (FileChange("pkg/a.py", FileStatus.MODIFIED, mode="100755"), "mode", Severity.ERROR),
        (FileChange("run.sh", FileStatus.MODIFIED, mode="100755"), "mode", Severity.WARNING),
        (FileChange("a.so", FileStatus.ADDED, binary=True), "binary", Severity.ERROR),
        (FileChange("a.png", FileStatus.ADDED, binary=True), "binary", Severity.WARNING),
        (FileChange("sitecustomize.py", FileStatus.ADDED), "hook", Severity.ERROR),
        (FileChange("lib/evil.pth", FileStatus.ADDED), "hook", Severity.ERROR),
    ],
)
def test_odd_files(subject: Any, file: FileChange, rule: str, severity: Severity) -> None:
    files = {"run.sh": "#!/bin/sh\n", **OLD}
    assert rules(GATE.judge(subject(files, files, extra=[file])), severity) == [rule]


def test_a_deleted_link_is_no_harm(subject: Any) -> None:
    assert GATE.judge(subject({}, {}, extra=[FileChange("a.so", FileStatus.DELETED, binary=True)])).verdict is Verdict.PASS


def test_hidden_text(subject: Any) -> None:
    result = GATE.judge(subject(OLD, {**OLD, "pkg/a.py": "x = 1  # \u202e\np\u0430ss = 2\n"}))
    assert [(each.rule, each.line) for each in result.findings] == [("hidden-character", 1), ("look-alike", 2)]


def test_hidden_text_that_was_there_is_nobodys_fault(subject: Any) -> None:
    assert GATE.judge(subject({"a.txt": "a\u200bb\n"}, {"a.txt": "a\u200bc\n"})).verdict is Verdict.PASS


def test_what_the_instruction_does_not_speak_of_is_told(subject: Any) -> None:
    new = {"pkg/a.py": "x = 2\n", "pkg/b.py": "y = 2\n\n\ndef extra(): ...\n"}
    result = GATE.judge(subject(OLD, new, "fix x in pkg/a.py"))
    assert result.verdict is Verdict.PASS
    assert [(each.rule, each.path) for each in result.findings] == [("unasked-file", "pkg/b.py"), ("unasked-name", "")]
