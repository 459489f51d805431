"""The static types gate: nothing new, strict on touched annotated code, never weaker."""

from __future__ import annotations

from typing import Any

import pytest

from bot.gate import Verdict
from bot.gates.static_types import GATE
from bot.sandbox.sandbox import Completed, Ended

TYPED = "def f(a: int) -> str:\n    return str(a)\n"


def judged(subject: Any, old: dict[str, str], new: dict[str, str]) -> tuple[Verdict, list[tuple[str, int, str]]]:
    result = GATE.judge(subject(old, new))
    return result.verdict, [(each.path, each.line, each.rule) for each in result.findings]


def test_nothing_to_judge(subject: Any) -> None:
    assert GATE.judge(subject({}, {"tests/test_a.py": "x = 1\n"})).verdict is Verdict.NOT_APPLICABLE


def test_clean_code_needs_one_run(subject: Any, plain_lab: Any) -> None:
    assert judged(subject, {"a.py": TYPED}, {"a.py": TYPED.replace("str(a)", "str(a + 1)")}) == (Verdict.PASS, [])
    assert len(plain_lab.asked) == 1


def test_a_new_type_error_fails(subject: Any) -> None:
    assert judged(subject, {"a.py": TYPED}, {"a.py": TYPED.replace("str(a)", "a")}) == (
        Verdict.FAIL,
        [("a.py", 2, "return-value")],
    )


def test_an_old_one_does_not(subject: Any) -> None:
    wrong = TYPED.replace("str(a)", "a")
    assert judged(subject, {"a.py": wrong}, {"a.py": "x = 1\n\n\n" + wrong}) == (Verdict.PASS, [])


def test_callers_are_checked(subject: Any) -> None:
    files = {"pkg/__init__.py": "", "pkg/a.py": TYPED, "pkg/b.py": "from pkg.a import f\n\n\ndef g() -> str:\n    return f(1)\n"}
    new = {**files, "pkg/a.py": "def f(a: int) -> int:\n    return a\n"}
    assert judged(subject, files, new) == (Verdict.FAIL, [("pkg/b.py", 5, "return-value")])


def test_unannotated_code_is_left_alone_unless_the_project_wants_it(subject: Any) -> None:
    old, new = "def f(a):\n    return 1\n", "def f(a):\n    return 1 + ''\n"
    assert judged(subject, {"a.py": old}, {"a.py": new}) == (Verdict.PASS, [])
    manifest = {"pyproject.toml": "[tool.mypy]\ncheck_untyped_defs = true\n"}
    assert judged(subject, {"a.py": old, **manifest}, {"a.py": new, **manifest}) == (Verdict.FAIL, [("a.py", 2, "operator")])


def test_strict_on_touched_annotated_code(subject: Any) -> None:
    bare = TYPED + "\n\ndef g(a: int, b: list) -> int:\n    return a\n"
    assert judged(subject, {"a.py": TYPED}, {"a.py": bare}) == (Verdict.FAIL, [("a.py", 5, "type-arg")])
    half = TYPED + "\n\ndef g(a):\n    return a\n"
    assert judged(subject, {"a.py": TYPED}, {"a.py": half}) == (Verdict.FAIL, [("a.py", 5, "no-untyped-def")])
    assert judged(subject, {"a.py": half}, {"a.py": half + "\n\ndef h(a):\n    return a\n"}) == (Verdict.PASS, [])


def test_weaker_types_fail(subject: Any) -> None:
    assert judged(subject, {"a.py": TYPED}, {"a.py": TYPED.replace("a: int", "a")})[1][0] == ("a.py", 1, "annotation-removed")


def test_missing_stubs_are_nobodys_fault(subject: Any) -> None:
    assert judged(subject, {"a.py": TYPED}, {"a.py": "import no_such_thing\n" + TYPED}) == (Verdict.PASS, [])


def test_src_layout(subject: Any) -> None:
    files = {"src/p/__init__.py": "", "src/p/a.py": TYPED, "src/p/b.py": "from p.a import f\n\nx: int = 1\n"}
    assert judged(subject, files, {**files, "src/p/b.py": "from p.a import f\n\nx: int = f(1)\n"})[1] == [
        ("src/p/b.py", 3, "assignment")
    ]


def test_broken_syntax_fails(subject: Any) -> None:
    assert judged(subject, {"a.py": TYPED}, {"a.py": "def (\n"}) == (Verdict.FAIL, [("a.py", 1, "syntax")])


def test_a_broken_import_does_not_blind_it(subject: Any) -> None:
    files = {"a.py": "import b\n" + TYPED, "b.py": "def (\n"}
    assert judged(subject, files, {**files, "a.py": "import b\n" + TYPED.replace("str(a)", "a")})[1] == [
        ("a.py", 3, "return-value")
    ]


def test_a_project_that_mypy_cannot_read_at_all(subject: Any, plain_lab: Any) -> None:
    plain_lab.answers = lambda _command: Completed(2, Ended.EXITED, b"", b"types.py: shadows a library module", 0.1)
    found = GATE.judge(subject({"a.py": TYPED}, {"a.py": TYPED + "\n"}))
    assert found.verdict is Verdict.ERROR
    assert "nor could it read the project before the change" in found.summary
    assert GATE.judge(subject({}, {"b.py": TYPED})).verdict is Verdict.ERROR


@pytest.mark.parametrize("stdout", [b"not json", b'{"file": "a.py"}'])
def test_an_answer_that_cannot_be_read_is_an_error(subject: Any, plain_lab: Any, stdout: bytes) -> None:
    plain_lab.answers = lambda _command: Completed(1, Ended.EXITED, stdout, b"", 0.1)
    assert GATE.judge(subject({}, {"a.py": TYPED})).verdict is Verdict.ERROR
