"""The security gate: what is dangerous and new."""

from __future__ import annotations

from typing import Any

import pytest

from bot.gate import Severity, Verdict
from bot.gates.security import GATE
from bot.sandbox.sandbox import Completed, Ended

SHELL = "import os\n\n\ndef f(x):\n    os.system(x)\n"


def judged(subject: Any, old: dict[str, str], new: dict[str, str]) -> tuple[Verdict, list[tuple[int, str]]]:
    result = GATE.judge(subject(old, new))
    return result.verdict, [(each.line, each.rule) for each in result.findings]


def test_nothing_to_judge(subject: Any) -> None:
    assert GATE.judge(subject({}, {"a.md": "x"})).verdict is Verdict.NOT_APPLICABLE


def test_harmless_code(subject: Any) -> None:
    assert judged(subject, {"a.py": "x = 1\n"}, {"a.py": "x = 2\n"}) == (Verdict.PASS, [])


def test_a_danger_that_comes_in(subject: Any) -> None:
    assert judged(subject, {"a.py": "x = 1\n"}, {"a.py": SHELL}) == (Verdict.FAIL, [(5, "shell")])


def test_a_danger_that_was_there(subject: Any) -> None:
    assert judged(subject, {"a.py": SHELL}, {"a.py": '"""Doc."""\n' + SHELL}) == (Verdict.PASS, [])


def test_a_rewritten_line_keeps_its_danger_once(subject: Any) -> None:
    old, new = "import hashlib\nx = hashlib.md5(a)\n", "import hashlib\nx = hashlib.md5(b)\n"
    assert judged(subject, {"a.py": old}, {"a.py": new}) == (Verdict.PASS, [])


def test_bandit_adds_what_it_knows(subject: Any) -> None:
    old = "import random\n"
    new = "import random\nfrom Crypto import Random\n"
    assert judged(subject, {"a.py": old}, {"a.py": new}) == (Verdict.FAIL, [(2, "B413")])


def test_silencing_is_no_way_round(subject: Any) -> None:
    verdict, found = judged(subject, {}, {"a.py": "import os\n\nos.system('x')  # nosec\n"})
    assert (verdict, found) == (Verdict.FAIL, [(3, "shell"), (3, "nosec")])


def test_tests_may_feed_bad_data(subject: Any) -> None:
    source = "import pickle\n\n\ndef test_a():\n    assert pickle.loads(b'') == 1\n"
    assert judged(subject, {}, {"tests/test_a.py": source})[0] is Verdict.PASS
    assert judged(subject, {}, {"tests/test_a.py": SHELL})[0] is Verdict.FAIL


def test_reaching_for_the_judge_is_told(subject: Any) -> None:
    result = GATE.judge(subject({}, {"a.py": "import sys\n\nx = sys._getframe(1)\n"}))
    assert [(each.rule, each.severity) for each in result.findings] == [("reach-frames", Severity.WARNING)]
    assert result.verdict is Verdict.PASS
    hooks = GATE.judge(subject({}, {"tests/conftest.py": "def pytest_runtest_makereport(item, call):\n    pass\n"}))
    assert [each.rule for each in hooks.findings] == ["reach-hooks"]


def test_speaking_over_descriptors_that_nobody_opened_needs_a_person(subject: Any) -> None:
    source = "import os\n\nfor number in range(200, 260):\n"
    source += "    if os.path.exists(f'/proc/self/fd/{number}'):\n        os.write(number, b'')\n"
    result = GATE.judge(subject({}, {"a.py": source}))
    assert [(each.rule, each.line) for each in result.findings] == [("reach-processes", 4), ("reach-descriptors", 5)]
    assert result.verdict is Verdict.PASS


def test_broken_syntax_is_red(subject: Any) -> None:
    assert judged(subject, {"a.py": "x = 1\n"}, {"a.py": "x = (\n"}) == (Verdict.FAIL, [(1, "syntax")])


def test_a_broken_base_is_no_hindrance(subject: Any) -> None:
    assert judged(subject, {"a.py": "x = (\n"}, {"a.py": SHELL})[0] is Verdict.FAIL


@pytest.mark.parametrize(
    "answer",
    [
        Completed(0, Ended.EXITED, b'{"errors": [{"filename": "a.py"}], "results": []}', b"", 0.1),
        Completed(2, Ended.EXITED, b"", b"usage", 0.1),
        Completed(0, Ended.EXITED, b"{}", b"", 0.1),
        Completed(137, Ended.OUT_OF_MEMORY, b"", b"", 0.1),
    ],
)
def test_an_answer_that_cannot_be_read_is_an_error(subject: Any, plain_lab: Any, answer: Completed) -> None:
    plain_lab.answers = lambda _command: answer
    result = GATE.judge(subject({}, {"a.py": "x = 1\n"}))
    assert (result.verdict, "bandit" in result.summary) == (Verdict.ERROR, True)
