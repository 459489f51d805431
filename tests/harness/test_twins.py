"""Twins are made where a failing line at the end surely makes the test fail, and nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.harness.harness import Project, SuiteOrder, SuiteRun, TestOutcome, TestResult
from bot.harness.suite import run_suite
from bot.harness.twins import MOST, Twins, caught, draw
from bot.ids import NodeId
from bot.sandbox.sandbox import Sandbox

SUITABLE = {
    "a function": "def test_it():\n    assert f(1)\n",
    "a comment behind": "def test_it():\n    assert f(1)  # so\n\n# end\n",
    "many lines": "def test_it():\n    assert f(\n        '''\nx\n''',\n    )\n",
    "a coroutine": "async def test_it():\n    with pytest.raises(ValueError):\n        f(1)\n",
    "marked": "@pytest.mark.parametrize('x', [1])\n@mock.patch('a.b')\ndef test_it(b, x):\n    assert f(x)\n",
    "a helper within": "def test_it():\n    def g():\n        return 1\n    assert f(g)\n",
    "windows": "def test_it():\r\n    assert f(1)\r\n",
    "tabs": "def test_it():\n\tif 1:\n\t\tassert f(1)",
    "beyond ASCII": "def test_it():\n    assert f('ä€')\n\nx = 'ö'\n",
}
UNSUITABLE = {
    "returns": "def test_it():\n    if f(1):\n        return\n    assert f(2)\n",
    "yields": "def test_it():\n    yield 1\n",
    "one line": "def test_it(): assert f(1)\n",
    "two on a line": "def test_it():\n    x = 1; assert f(x)\n",
    "decorated": "@retried\ndef test_it():\n    assert f(1)\n",
    "twice": "def test_it():\n    assert f(1)\n\ndef test_it():\n    assert f(2)\n",
    "not there": "test_it = other\n",
    "no Python": "def test_it(:\n",
}
TEST = NodeId("test_a.py::test_it")


def drawn(root: Path, text: str, test: NodeId = TEST) -> tuple[Twins | None, str]:
    """Return the twins of one test, and what its file's text becomes."""
    (root / "test_a.py").write_bytes(text.encode())
    twins = draw(root, [test])
    lines = text.split("\n")
    for each in twins.patches if twins is not None else ():
        lines = [*lines[: each.first], *each.text, *lines[each.last :]]
    return twins, "\n".join(lines)


@pytest.mark.parametrize("text", SUITABLE.values(), ids=SUITABLE)
def test_a_wrong_sum_ends_the_test(tmp_path: Path, text: str) -> None:
    twins, new = drawn(tmp_path, text)
    assert twins is not None
    assert twins.wrong == {TEST}
    old, found = (next(n for n in ast.parse(each).body if getattr(n, "name", "") == "test_it") for each in (text, new))
    assert isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef)
    added = found.body.pop()
    assert ast.dump(found) == ast.dump(old)
    assert isinstance(added, ast.Assert)
    assert eval(ast.unparse(added.test)) is False  # noqa: S307 - a sum


@pytest.mark.parametrize("text", UNSUITABLE.values(), ids=UNSUITABLE)
def test_where_it_is_not_sure_there_is_no_twin(tmp_path: Path, text: str) -> None:
    assert drawn(tmp_path, text)[0] is None


def test_methods_and_parametrised_tests_are_found(tmp_path: Path) -> None:
    text = "class TestA(Base):\n    class TestB:\n        def test_it(self):\n            assert f(1)\n"
    test = NodeId("test_a.py::TestA::TestB::test_it[a::b-1]")
    twins, new = drawn(tmp_path, text, test)
    assert twins is not None
    assert twins.tests == (test,)
    assert new.startswith(text.rstrip("\n") + "\n            assert ")


def test_about_half_are_made_to_fail_and_not_more_than_enough_are_drawn(tmp_path: Path) -> None:
    names = [f"test_{number}" for number in range(2 * MOST)]
    (tmp_path / "test_a.py").write_text("\n".join(f"def {name}():\n    assert f(1)\n" for name in names))
    twins = draw(tmp_path, [NodeId(f"test_a.py::{name}") for name in names])
    assert twins is not None
    assert (len(twins.wrong), len(twins.right)) == (MOST // 2, MOST // 2)
    assert draw(tmp_path, [NodeId("gone.py::test_a")]) is None


A, B = NodeId("test_a.py::test_a"), NodeId("test_a.py::test_b")


@pytest.mark.parametrize(
    ("right", "wrong", "why"),
    [
        (TestOutcome.PASSED, TestOutcome.FAILED, ""),
        (TestOutcome.PASSED, TestOutcome.CRASHED, ""),
        (TestOutcome.PASSED, TestOutcome.PASSED, "made to fail"),
        (TestOutcome.FAILED, TestOutcome.XPASSED, "made to fail"),
        (TestOutcome.BROKEN, TestOutcome.BROKEN, "do not pass any more"),
    ],
)
def test_a_twin_that_passes_is_a_lie(right: TestOutcome, wrong: TestOutcome, why: str) -> None:
    twins = Twins((), frozenset({A}), frozenset({B}))
    said = caught(twins, SuiteRun((TestResult(A, right), TestResult(B, wrong)), trusted=True))
    assert why in said
    assert bool(said) == bool(why)
    assert "canaries" in caught(twins, SuiteRun((), trusted=False, why_not="the canaries were not collected"))


def test_honest_tests_of_every_kind_bear_their_twins(sandbox: Sandbox, make: Callable[[dict[str, str]], Project]) -> None:
    tests = (
        "import unittest\nfrom unittest import mock\nimport pytest\nfrom m import f\n\n"
        "@pytest.fixture(scope='module')\ndef one():\n    yield 1\n\n"
        "@pytest.mark.parametrize('n', [1, 2])\ndef test_n(n, one):\n    assert f(n) >= one\n\n"
        "def test_raises():\n    with pytest.raises(TypeError):\n        f()\n\n"
        "@mock.patch('m.f')\ndef test_patched(patched):\n    assert patched is not f\n\n"
        "class TestUnit(unittest.TestCase):\n    def test_equal(self):\n        self.assertEqual(f(1), 1)\n\n"
        "def test_returns():\n    if f(1):\n        return\n"
    )
    project = make({"m.py": "def f(n):\n    return n\n", "tests/test_m.py": tests})
    for order in (SuiteOrder(), SuiteOrder(3, 1)):
        run = run_suite(sandbox, project, order=order, twins=True)
        assert run.trusted, run.why_not
        assert {each.outcome for each in run.results} == {TestOutcome.PASSED}
        assert len(run.results) == 6
