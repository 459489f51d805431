"""The interface gate: breaks are red unless the instruction names them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.gate import Severity, Verdict
from bot.gates.interface import GATE

OLD = {"pkg/a.py": "def area(x):\n    return x\n"}


@pytest.mark.parametrize(
    ("new", "instruction", "verdict"),
    [
        ("def area(x):\n    return x * x\n", "fix area", Verdict.PASS),
        ("def area(x, y):\n    return x\n", "fix area", Verdict.FAIL),
        ("def area(x, y):\n    return x\n", "", Verdict.FAIL),
        ("def area(x, y):\n    return x\n", "area should take a second argument y", Verdict.PASS),
        ("def area(x, y=1):\n    return x\n", "fix area", Verdict.PASS),
        ("def surface(x):\n    return x\n", "rename area to surface", Verdict.PASS),
    ],
)
def test_breaks(subject: Any, new: str, instruction: str, verdict: Verdict) -> None:
    assert GATE.judge(subject(OLD, {"pkg/a.py": new}, instruction)).verdict is verdict


def test_what_cannot_be_sure_is_a_warning(subject: Any) -> None:
    result = GATE.judge(subject({"a.py": "def f() -> int: ...\n"}, {"a.py": "def f() -> float: ...\n"}, "fix it"))
    assert (result.verdict, result.findings[0].severity) == (Verdict.PASS, Severity.WARNING)


@pytest.mark.parametrize("path", ["tests/test_a.py", "pkg/_a.py", "a.md"])
def test_nobodys_interface(subject: Any, path: str) -> None:
    assert GATE.judge(subject({path: "def f(): ...\n"}, {path: ""})).verdict is Verdict.NOT_APPLICABLE


def test_a_new_file_breaks_nothing(subject: Any) -> None:
    assert GATE.judge(subject({}, {"a.py": "def f(): ...\n"})).verdict is Verdict.NOT_APPLICABLE
