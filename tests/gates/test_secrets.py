"""The secrets gate: only added lines, and never the secret itself."""

from __future__ import annotations

from typing import Any

import pytest

from bot.change.change import Change, Past
from bot.change.diff import compare
from bot.gate import Severity, Verdict
from bot.gates.secrets import GATE
from bot.ids import Sha

TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


def test_a_token_that_comes_in(subject: Any) -> None:
    result = GATE.judge(subject({"a.py": "x = 1\n"}, {"a.py": f"x = 1\ny = '{TOKEN}'\n"}))
    assert result.verdict is Verdict.FAIL
    assert [(each.path, each.line, each.rule) for each in result.findings] == [("a.py", 2, "github-token")]
    assert TOKEN not in repr(result)


def test_a_token_that_was_there_is_told(subject: Any) -> None:
    result = GATE.judge(subject({"a.py": f"y = '{TOKEN}'\n"}, {"b.py": f"y = '{TOKEN}'\n"}))
    assert (result.verdict, result.findings[0].severity) == (Verdict.PASS, Severity.WARNING)


def test_a_token_that_goes_is_fine(subject: Any) -> None:
    assert GATE.judge(subject({"a.py": f"y = '{TOKEN}'\n"}, {"a.py": "y = 1\n"})).findings == ()
    assert GATE.judge(subject({"a.py": f"y = '{TOKEN}'\n"}, {})).verdict is Verdict.NOT_APPLICABLE


def test_made_up_passwords_in_tests_are_told_real_tokens_red(subject: Any) -> None:
    assert GATE.judge(subject({}, {"tests/test_a.py": "password = 'hunter2x'\n"})).verdict is Verdict.PASS
    assert GATE.judge(subject({}, {"a.py": "password = 'hunter2x'\n"})).verdict is Verdict.FAIL
    assert GATE.judge(subject({}, {"tests/test_a.py": f"x = '{TOKEN}'\n"})).verdict is Verdict.FAIL


def test_lock_files_are_full_of_hashes(subject: Any) -> None:
    assert GATE.judge(subject({}, {"uv.lock": 'token = "q9X2v7Lm4Kp8Rt1Z"\n'})).findings == ()


def test_settings_files(subject: Any) -> None:
    assert GATE.judge(subject({}, {".env.production": "DB_PASSWORD=s3cr3tpw99\n"})).verdict is Verdict.FAIL


@pytest.mark.parametrize("path", ["server.pem", "ssh/id_ed25519", ".netrc"])
def test_key_files(subject: Any, path: str) -> None:
    assert GATE.judge(subject({}, {path: "x\n"})).findings[0].rule == "key-file"


def test_clean(subject: Any) -> None:
    assert GATE.judge(subject({}, {"a.py": "x = 1\n"})).summary == "no credential in 1 added line"


def step(name: str, path: str, old: str | None, new: str | None) -> Change:
    return Change(Sha("before"), Sha(name), (compare(path, old, new),), "")


def test_a_token_that_a_later_commit_took_out_is_still_in_the_history(subject: Any) -> None:
    steps = (step("one", "a.py", "x = 1\n", f"x = '{TOKEN}'\n"), step("two", "a.py", f"x = '{TOKEN}'\n", "x = 2\n"))
    result = GATE.judge(subject({"a.py": "x = 1\n"}, {"a.py": "x = 2\n"}, past=Past(steps)))
    assert result.verdict is Verdict.FAIL
    assert [(each.path, each.rule) for each in result.findings] == [("", "github-token")]
    assert "a.py in commit one" in result.findings[0].message
    assert TOKEN not in repr(result)


def test_what_the_commits_bring_in_is_told_once(subject: Any) -> None:
    text = f"y = '{TOKEN}'\n"
    steps = (step("one", "a.py", None, text), step("two", "b.py", None, "z = 1\n"))
    assert len(GATE.judge(subject({}, {"a.py": text, "b.py": "z = 1\n"}, past=Past(steps))).findings) == 1
    old = GATE.judge(subject({"a.py": text}, {"a.py": "y = 1\n"}, past=Past((step("one", "c.py", None, text),))))
    assert old.verdict is Verdict.PASS


def test_what_could_not_be_seen_is_said(subject: Any) -> None:
    result = GATE.judge(subject({}, {"a.py": "x = 1\n"}, past=Past(unseen="this clone's history ends at abc: fetch more")))
    assert result.verdict is Verdict.PASS
    assert "not every commit could be seen" in result.summary
    assert result.findings[0].severity is Severity.WARNING
