"""The complexity gate: new is simple, touched does not get worse, old is forgiven."""

from __future__ import annotations

from typing import Any

import pytest

from bot.gate import Severity, Verdict
from bot.gates.complexity import GATE
from bot.sandbox.sandbox import Completed, Ended


def branches(count: int, name: str = "f") -> str:
    return f"def {name}(a):\n" + "".join(f"    if a == {i}:\n        return {i}\n" for i in range(count)) + "    return a\n"


def nested(depth: int) -> str:
    return "def f(a):\n" + "".join(f"{'    ' * (i + 1)}for x{i} in a:\n" for i in range(depth)) + "    " * (depth + 1) + "pass\n"


def test_simple_code_passes(subject: Any) -> None:
    result = GATE.judge(subject({"a.py": "x = 1\n"}, {"a.py": "x = 1\n" + branches(3)}))
    assert (result.verdict, result.evidence["functions"]) == (Verdict.PASS, 1)


def test_nothing_to_judge(subject: Any) -> None:
    assert GATE.judge(subject({}, {"a.md": "x"})).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        (branches(10), "cyclomatic-complexity"),
        (nested(6), "cognitive-complexity"),
        ("def f():\n" + "    x = 1\n" * 50, "length-in-lines"),
    ],
)
def test_new_code_over_a_limit_fails(subject: Any, source: str, rule: str) -> None:
    result = GATE.judge(subject({}, {"a.py": source}))
    assert result.verdict is Verdict.FAIL
    assert rule in [each.rule for each in result.findings]
    assert result.findings[0].line == 1


def test_old_sins_are_forgiven_small_additions_told_large_ones_red(subject: Any) -> None:
    old = {"a.py": branches(14)}
    same = GATE.judge(subject(old, {"a.py": branches(14).replace("return 3", "return 33")}))
    assert (same.verdict, same.findings) == (Verdict.PASS, ())
    little = GATE.judge(subject(old, {"a.py": branches(15)}))
    assert (little.verdict, little.findings[0].severity) == (Verdict.PASS, Severity.WARNING)
    assert GATE.judge(subject(old, {"a.py": branches(19)})).verdict is Verdict.FAIL


def test_crossing_the_limit_fails(subject: Any) -> None:
    assert GATE.judge(subject({"a.py": branches(9)}, {"a.py": branches(10)})).verdict is Verdict.FAIL


def test_untouched_neighbours_do_not_count(subject: Any) -> None:
    old = branches(14) + "\n\ndef g():\n    return 1\n"
    assert (
        GATE.judge(
            subject(
                {"a.py": old},
                {"a.py": old.replace("return 1\n\n", "return 1\n\n").replace("g():\n    return 1", "g():\n    return 2")},
            )
        ).findings
        == ()
    )


def test_a_function_that_moved_to_another_file_is_old(subject: Any) -> None:
    old = {"a.py": branches(14), "b.py": "x = 1\n"}
    moved = "x = 1\n" + branches(14)
    assert GATE.judge(subject(old, {"a.py": "x = 1\n", "b.py": moved})).findings == ()
    assert GATE.judge(subject(old, {"b.py": moved})).findings == ()
    assert GATE.judge(subject(old, {"a.py": branches(14) + "x = 1\n", "b.py": moved})).verdict is Verdict.FAIL


def test_deep_inheritance(subject: Any) -> None:
    old = {"a.py": "class A: pass\nclass B(A): pass\nclass C(B): pass\n", "b.py": "from a import C\n"}
    result = GATE.judge(subject(old, {**old, "b.py": "from a import C\n\n\nclass D(C):\n    pass\n"}))
    assert [(each.path, each.line, each.rule) for each in result.findings] == [("b.py", 4, "inheritance")]


def test_missing_docstrings_among_documented_ones_are_told(subject: Any) -> None:
    old = 'def f():\n    """Say."""\n'
    result = GATE.judge(subject({"a.py": old}, {"a.py": old + "\n\ndef g():\n    pass\n"}))
    assert (result.verdict, [each.rule for each in result.findings]) == (Verdict.PASS, ["undocumented"])


@pytest.mark.parametrize("stdout", [b"", b"[]", b'{"a.py": 1}', b"{}", b'{"a.py": {"error": "x"}}'])
def test_an_answer_that_cannot_be_read_is_an_error(subject: Any, plain_lab: Any, stdout: bytes) -> None:
    plain_lab.answers = lambda _command: Completed(0, Ended.EXITED, stdout, b"boom", 0.1)
    assert GATE.judge(subject({}, {"a.py": "x = 1\n"})).verdict is Verdict.ERROR
