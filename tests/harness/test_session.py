"""A conversation with the sandboxed half: asked and answered, and over for good once it is gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.errors import Retryable
from bot.harness.harness import Project, TestOutcome
from bot.harness.session import Session, to_result
from bot.sandbox.sandbox import Sandbox

Make = Callable[[dict[str, str]], Project]
FILES = {"a.py": "X = 1\n", "test_a.py": "def test_a():\n    pass\n"}


def test_a_question_is_answered(sandbox: Sandbox, make: Make) -> None:
    suite: dict[str, object] = {
        "k": "suite",
        "tests": [],
        "order_seed": None,
        "trace": False,
        "poisoned": [],
        "done": [],
        "hung": [],
        "patches": [],
    }
    with Session(sandbox, make(FILES)) as session:
        answer = session.ask({**suite, "seconds": 60.0, "test_seconds": 5.0})
        assert answer["records"]["test_a.py::test_a"]["outcome"] == "passed"
        assert not session.closed
    assert session.closed


def test_once_it_is_gone_every_question_says_so(sandbox: Sandbox, make: Make) -> None:
    with Session(sandbox, make(FILES)) as session:
        first = session.close()
        assert session.close() is first
        with pytest.raises(Retryable, match="the sandboxed half of the harness"):
            session.ask({"k": "suite"})


def test_a_record_becomes_a_result() -> None:
    frames = [("a.py", 3), ("b.py", None)]
    found = to_result("t.py::t", {"outcome": "raised", "exception": "ValueError", "message": "no", "frames": frames})
    assert (found.outcome, found.exception, found.frames) == (TestOutcome.RAISED, "ValueError", (("a.py", 3),))
