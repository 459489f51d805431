"""Bandit's answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from bot.gate import Severity
from bot.lab import Lab
from bot.sandbox.sandbox import Completed, Ended
from bot.scan.bandit import check
from bot.scan.tool import ToolFailed


class Answering:
    def __init__(self, code: int, answer: object) -> None:
        self.done = Completed(code, Ended.EXITED, json.dumps(answer).encode(), b"", 0.1)

    def tool(self, *_: Any) -> Completed:
        return self.done


def found(severity: str) -> dict[str, Any]:
    return {"issue_severity": severity, "test_id": "B1", "issue_text": "bad", "filename": "./a.py", "line_number": 3}


def test_severities() -> None:
    answer = {"errors": [], "results": [found("LOW"), found("HIGH")]}
    low, high = check(cast("Lab", Answering(1, answer)), Path("/tree"), ["a.py"])
    assert (low.severity, high.severity) == (Severity.WARNING, Severity.ERROR)
    assert (high.path, high.line, high.message) == ("a.py", 3, "B1 bad")


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (0, {"errors": [{"reason": "syntax error"}], "results": []}),
        (2, {"errors": [], "results": []}),
        (0, {"errors": []}),
        (1, {"errors": [], "results": [found("STRANGE")]}),
        (1, {"errors": [], "results": [1]}),
    ],
)
def test_half_an_answer_is_none(code: int, answer: object) -> None:
    with pytest.raises(ToolFailed):
        check(cast("Lab", Answering(code, answer)), Path("/tree"), ["a.py"])
