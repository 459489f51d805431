from __future__ import annotations

import pytest

from bot.harness.harness import Call, TestOutcome, TestResult
from bot.ids import NodeId
from bot.repair.evidence import NOTHING_SEEN, boosts, compared, seen_by
from bot.repair.source import FunctionNode, SourceFile


@pytest.mark.parametrize(
    ("message", "values"),
    [
        ("assert 3 == 4  +  where 3 = f(1)", (3, 4)),
        ("assert [10, 5, 2] == [10, 5, '-'] At index 2 diff: 2 != '-'", ([10, 5, 2], [10, 5, "-"])),
        ("assert 'a b' == 'b a' - b a + a b", ("a b", "b a")),
        ("assert 'x == y' == 'z'", ("x == y", "z")),
        ("AssertionError: assert None == 1", (None, 1)),
        ("assert _close(1, 2)", None),
        ("no digits", None),
    ],
)
def test_what_an_assertion_compared(message: str, values: tuple[object, object] | None) -> None:
    assert compared(message) == values


def _failure(message: str = "", outcome: TestOutcome = TestOutcome.FAILED, exception: str = "AssertionError") -> TestResult:
    return TestResult(NodeId("t"), outcome, 0.0, exception, message)


@pytest.mark.parametrize(
    ("failure", "template"),
    [
        (_failure("assert None == 1"), "forgotten return"),
        (_failure("assert True == False"), "negated condition"),
        (_failure("assert 3 == -3"), "sign"),
        (_failure("assert 3 == 4"), "off by one"),
        (_failure("assert 0.5 == 1"), "call put around"),
        (_failure("assert 'ab' == 'AB'"), "string"),
        (_failure("assert '1' == [1]"), "call taken off"),
        (_failure("assert [1, 2] == [2, 1]"), "keyword argument"),
        (_failure("assert [1, 2] == [1]"), "filter of a comprehension"),
        (_failure(outcome=TestOutcome.TIMED_OUT), "forgotten update"),
        (_failure(outcome=TestOutcome.RAISED, exception="IndexError"), "early return"),
    ],
)
def test_failures_speak_for_templates(failure: TestResult, template: str) -> None:
    assert boosts([failure])[template] > 1


def test_failures_that_tell_nothing() -> None:
    assert boosts([_failure("assert 3 == 9"), _failure("assert {1} == {2}"), _failure("assert [1] == [2]")]) == {}


def test_what_the_tests_pass_to_a_function() -> None:
    file = SourceFile("m.py", "class Box:\n    def put(self, text, n, other):\n        pass\n")
    put = next(node for node in ast_walk(file) if isinstance(node, FunctionNode))
    calls = [Call("m", "Box.put", "('a-b', 1)"), Call("m", "Box.put", "('c', 2)"), Call("m", "gone", "(1,)")]
    seen = seen_by(file, put, calls)
    assert seen.kinds == {"text": ("str", ""), "n": ("int", "")}
    assert seen.letters == ("-",)
    assert seen_by(file, None, calls) == NOTHING_SEEN


def ast_walk(file: SourceFile) -> list[object]:
    return list(file.parents)
