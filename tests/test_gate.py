"""What makes a gate green: ``pass``, or nothing to judge, or that nobody requires it; never an error."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.gate import Finding, Severity, Tree, Verdict, errored, failed, from_findings, not_applicable, passed
from bot.ids import Sha

FINDING = Finding("a.py", 3, "wrong", "R1")


@pytest.mark.parametrize(
    ("result", "green"),
    [
        (passed("g", "fine"), True),
        (not_applicable("g", "nothing to judge"), True),
        (failed("g", "bad", (FINDING,)), False),
        (errored("g", "broke"), False),
    ],
)
def test_which_verdicts_are_green(result: object, green: bool) -> None:
    assert result.green is green  # type: ignore[attr-defined]


def test_a_gate_that_is_not_required_is_in_nobodys_way() -> None:
    assert replace(errored("g", "broke"), required=False).green


def test_only_errors_among_findings_fail() -> None:
    warning = replace(FINDING, severity=Severity.WARNING)
    assert from_findings("g", (warning,), "clean").verdict is Verdict.PASS
    red = from_findings("g", (warning, FINDING, FINDING), "clean")
    assert red.verdict is Verdict.FAIL
    assert red.summary == "2 findings: wrong"


def test_a_tree_gives_text_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x")
    (tmp_path / "b.bin").write_bytes(b"\xff\xfe")
    (tmp_path / "link").symlink_to("a.py")
    tree = Tree(Sha("a" * 40), tmp_path)
    assert tree.text("a.py") == "x"
    assert [tree.text(name) for name in ("b.bin", "link", "nosuch", ".")] == [None] * 4
