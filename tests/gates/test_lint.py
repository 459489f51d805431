"""The lint gate: what the change adds, nothing that was there."""

from __future__ import annotations

from typing import Any

import pytest

from bot.gate import Severity, Verdict
from bot.gates.lint import GATE
from bot.ids import Digest
from bot.sandbox.sandbox import Completed, Ended
from bot.spec.spec import Spec, SpecFile

MUTABLE = "def f(a=[]):\n    return a\n"


def test_nothing_to_judge(subject: Any) -> None:
    assert GATE.judge(subject({"a.md": "x"}, {"a.md": "y"})).verdict is Verdict.NOT_APPLICABLE
    assert GATE.judge(subject({"a.py": "x = 1\n"}, {})).verdict is Verdict.NOT_APPLICABLE


def test_clean(subject: Any, plain_lab: Any) -> None:
    result = GATE.judge(subject({"a.py": "x = 1\n"}, {"a.py": "x = 2\n"}))
    assert (result.verdict, result.findings) == (Verdict.PASS, ())
    assert len(plain_lab.asked) == 2


def test_a_new_finding_fails_on_its_line(subject: Any) -> None:
    result = GATE.judge(subject({"a.py": "x = 1\n"}, {"a.py": "x = 1\n\n\n" + MUTABLE}))
    assert result.verdict is Verdict.FAIL
    assert [(each.path, each.line, each.rule) for each in result.findings] == [("a.py", 4, "B006")]


def test_what_the_locked_spec_itself_brings_is_told_and_refuses_nothing(subject: Any) -> None:
    spec = Spec((), (SpecFile("test_pawl_f.py", MUTABLE),), (), Digest("d"))
    head = {"a.py": "x = 2\n", "test_pawl_f.py": MUTABLE}
    result = GATE.judge(subject({"a.py": "x = 1\n"}, head, spec=spec))
    assert (result.verdict, [(each.rule, each.severity) for each in result.findings]) == (
        Verdict.PASS,
        [("B006", Severity.WARNING)],
    )
    assert GATE.judge(subject({"a.py": "x = 1\n"}, head)).verdict is Verdict.FAIL


def test_old_findings_may_move(subject: Any) -> None:
    assert GATE.judge(subject({"a.py": MUTABLE}, {"a.py": '"""Doc."""\n\n\n' + MUTABLE})).verdict is Verdict.PASS


def test_a_second_one_alike_is_new(subject: Any) -> None:
    result = GATE.judge(subject({"a.py": MUTABLE}, {"a.py": MUTABLE + "\n\n" + MUTABLE.replace("f(", "g(")}))
    assert [each.line for each in result.findings] == [5]


def test_broken_syntax_fails(subject: Any) -> None:
    result = GATE.judge(subject({"a.py": "x = 1\n"}, {"a.py": "x = (\n"}))
    assert result.verdict is Verdict.FAIL
    assert result.findings[0].rule == "invalid-syntax"


def test_the_projects_own_selection(subject: Any) -> None:
    manifest = '[tool.ruff]\nline-length = 20\n[tool.ruff.lint]\nselect = ["E501"]\nper-file-ignores = {"b.py" = ["E501"]}\n'
    files = {"pyproject.toml": manifest, "a.py": "x = 1\n", "b.py": "x = 1\n"}
    long = "x = 1234567890 + 1234567890\n"
    result = GATE.judge(subject(files, {**files, "a.py": long, "b.py": long}))
    assert [(each.path, each.rule) for each in result.findings if each.rule != "format"] == [("a.py", "E501")]
    assert result.evidence["settings"] == "pyproject.toml"


def test_ignored_rules_stay_ignored(subject: Any) -> None:
    files = {"ruff.toml": '[lint]\nselect = ["ALL"]\nignore = ["ANN", "CPY", "D", "INP"]\n', "a.py": "x = 1\n"}
    assert GATE.judge(subject(files, {**files, "a.py": "x = 1\n\n\ndef f(a):\n    return a\n"})).findings == ()


def test_untidiness_is_told_where_nobody_chose(subject: Any) -> None:
    result = GATE.judge(subject({"a.py": "x = 1\n"}, {"a.py": "import os\n\nx = 1\n"}))
    assert (result.verdict, [(each.rule, each.severity) for each in result.findings]) == (
        Verdict.PASS,
        [("F401", Severity.WARNING)],
    )


def test_settings_are_the_bases(subject: Any) -> None:
    strict, loose = '[lint]\nselect = ["F"]\n', '[lint]\nignore = ["F"]\n'
    result = GATE.judge(subject({"ruff.toml": strict, "a.py": "x = 1\n"}, {"ruff.toml": loose, "a.py": "import os\n\nx = 1\n"}))
    assert [each.rule for each in result.findings] == ["F401"]


def test_a_selection_that_ruff_does_not_know_is_no_way_out(subject: Any) -> None:
    files = {"ruff.toml": '[lint]\nselect = ["NOPE1"]\n', "a.py": "x = 1\n"}
    result = GATE.judge(subject(files, {**files, "a.py": MUTABLE}))
    assert [each.rule for each in result.findings] == ["B006"]


@pytest.mark.parametrize(
    ("manifest", "severity"), [("", Severity.WARNING), ("[tool.black]\nline-length = 100\n", Severity.ERROR)]
)
def test_formatted_files_stay_so(subject: Any, manifest: str, severity: Severity) -> None:
    files = {"pyproject.toml": manifest, "a.py": "x = [1]\n", "b.py": "y=1\n"}
    result = GATE.judge(subject(files, {**files, "a.py": "x = [1 ]\n", "b.py": "y=2\n"}))
    assert [(each.path, each.rule, each.severity) for each in result.findings] == [("a.py", "format", severity)]


def test_looking_away_is_said(subject: Any) -> None:
    result = GATE.judge(subject({"a.py": "x = 1\n"}, {"a.py": "import os  # noqa: F401\n\nx = 1\n"}))
    assert (result.verdict, [each.rule for each in result.findings]) == (Verdict.PASS, ["noqa"])
    result = GATE.judge(subject({"a.py": "x = 1\n"}, {"a.py": "# ruff: noqa\nimport os\n\nx = 1\n"}))
    assert result.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    "answer",
    [
        Completed(2, Ended.EXITED, b"", b"ruff failed", 0.1),
        Completed(0, Ended.EXITED, b"not json", b"", 0.1),
        Completed(124, Ended.TIMED_OUT, b"[]", b"", 0.1),
        Completed(1, Ended.EXITED, b'[{"code": "F401"}]', b"", 0.1),
    ],
)
def test_an_answer_that_cannot_be_read_is_an_error(subject: Any, plain_lab: Any, answer: Completed) -> None:
    plain_lab.answers = lambda _command: answer
    result = GATE.judge(subject({"a.py": "x = 1\n"}, {"a.py": "x = 2\n"}))
    assert result.verdict is Verdict.ERROR
    assert "ruff" in result.summary
