from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, Self

import pytest

from bot.harness.harness import Project, SuiteOrder, TestOutcome
from bot.harness.suite import run_suite
from bot.ids import NodeId
from bot.sandbox.sandbox import Completed, Ended, Environment, Launch, Layer, Limits, Sandbox

Make = Callable[[dict[str, str]], Project]

MODULE = """
import os

LIMIT = 10


def divide(a, b):
    if b == 0:
        raise ZeroDivisionError("nothing")
    return a / b


def forever():
    while True:
        pass


def die():
    os._exit(3)
"""
TESTS = """
import unittest
import pytest
from pkg.m import die, divide, forever


@pytest.fixture
def four():
    yield 4


@pytest.fixture
def torn():
    yield 1
    raise OSError("on the way out")


@pytest.mark.parametrize("a, b, c", [(4, 2, 2), (1, 0, 1)])
def test_divide(a, b, c):
    assert divide(a, b) == c


def test_fails():
    assert divide(4, 2) == 3, "should be\\x1b[31m two"


def test_hangs():
    forever()


def test_dies():
    die()


def test_skips():
    pytest.skip("not here")


@pytest.mark.xfail
def test_expected():
    assert False


@pytest.mark.xfail
def test_unexpected():
    assert True


@pytest.mark.xfail(strict=True)
def test_strict():
    assert True


def test_no_fixture(nowhere):
    assert nowhere


def test_torn(torn):
    assert torn


class TestClass:
    def setup_method(self):
        self.x = 1

    def test_method(self, four, tmp_path, monkeypatch, capsys):
        print("hello")
        assert (self.x, four, capsys.readouterr().out) == (1, 4, "hello\\n")


class TestUnit(unittest.TestCase):
    def test_equal(self):
        self.assertEqual(divide(4, 2), 2)

    def test_other(self):
        self.assertEqual(divide(4, 2), 3)

    @unittest.skip("no")
    def test_skipped(self):
        pass
"""
EXPECTED = {
    "test_divide[4-2-2]": "passed",
    "test_divide[1-0-1]": "raised",
    "test_fails": "failed",
    "test_hangs": "timed out",
    "test_dies": "crashed",
    "test_skips": "skipped",
    "test_expected": "xfailed",
    "test_unexpected": "xpassed",
    "test_strict": "failed",
    "test_no_fixture": "broken",
    "test_torn": "broken",
    "TestClass::test_method": "passed",
    "TestUnit::test_equal": "passed",
    "TestUnit::test_other": "failed",
    "TestUnit::test_skipped": "skipped",
}
FILES = {"pkg/__init__.py": "", "pkg/m.py": MODULE, "tests/test_m.py": TESTS, "tests/test_bad.py": "import nowhere\n"}


def test_every_kind_of_outcome_is_told_apart(sandbox: Sandbox, make: Make) -> None:
    run = run_suite(sandbox, make(FILES), trace=True, test_seconds=1.0)
    assert run.trusted, run.why_not
    outcomes = {each.id.removeprefix("tests/test_m.py::"): each.outcome.value for each in run.results}
    assert outcomes == {**EXPECTED, "tests/test_bad.py": "broken"}
    found = run.by_id()
    raised = found[NodeId("tests/test_m.py::test_divide[1-0-1]")]
    assert (raised.exception, raised.message) == ("ZeroDivisionError", "nothing")
    assert raised.frames[-1] == ("pkg/m.py", 9)
    assert "ZeroDivisionError" in raised.traceback
    failed = found[NodeId("tests/test_m.py::test_fails")]
    assert failed.message.startswith("should be two")
    assert "\x1b" not in failed.traceback
    assert found[NodeId("tests/test_m.py::test_hangs")].frames[-1][0] == "pkg/m.py"
    assert "nowhere" in found[NodeId("tests/test_bad.py")].message
    by_test = run.covered_by[NodeId("tests/test_m.py::test_divide[4-2-2]")]
    assert by_test == {"pkg/m.py": {8, 10}}
    assert {8, 9, 10, 14, 15} <= run.covered["pkg/m.py"]
    assert {(8, 9), (8, 10), (-7, 8), (10, -7)} <= run.arcs["pkg/m.py"]
    assert not any(path.startswith("tests/") for path in run.covered)


def test_tests_are_asked_for_by_id_function_class_or_file(sandbox: Sandbox, make: Make) -> None:
    ids = (
        "tests/test_m.py::test_divide",
        "tests/test_m.py::TestUnit",
        "tests/test_m.py::nope",
        "tests/gone.py::x",
        "tests/test_bad.py::y",
    )
    run = run_suite(sandbox, make(FILES), tuple(map(NodeId, ids)))
    outcomes = {each.id: each.outcome.value for each in run.results}
    assert outcomes == {
        "tests/test_m.py::test_divide[4-2-2]": "passed",
        "tests/test_m.py::test_divide[1-0-1]": "raised",
        "tests/test_m.py::TestUnit::test_equal": "passed",
        "tests/test_m.py::TestUnit::test_other": "failed",
        "tests/test_m.py::TestUnit::test_skipped": "skipped",
        "tests/test_m.py::nope": "missing",
        "tests/gone.py::x": "missing",
        "tests/test_bad.py::y": "broken",
    }


def test_order_and_hash_seeds_are_kept(sandbox: Sandbox, make: Make) -> None:
    tests = (
        "import pytest\n@pytest.mark.parametrize('n', range(12))\ndef test_n(n): pass\ndef test_hash(): assert hash('a') == 3\n"
    )
    project = make({"test_order.py": tests})
    plain = run_suite(sandbox, project)
    shuffled = [run_suite(sandbox, project, order=SuiteOrder(7, 5)) for _ in range(2)]
    assert [each.id for each in plain.results][:2] == ["test_order.py::test_n[0]", "test_order.py::test_n[1]"]
    assert [each.id for each in shuffled[0].results] == [each.id for each in shuffled[1].results]
    assert [each.id for each in shuffled[0].results] != [each.id for each in plain.results]
    messages = [run.by_id()[NodeId("test_order.py::test_hash")].message for run in (plain, *shuffled)]
    assert messages[0] != messages[1] == messages[2]


def test_the_projects_settings_and_plugins_hold(sandbox: Sandbox, make: Make) -> None:
    project = make({
        "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "-ra -n 4 --doctest-modules"\npython_functions = ["check_*"]\n'
        'filterwarnings = ["error"]\ntestpaths = ["src", "checks"]\npython_files = ["check_*.py"]\n',
        "src/lib/__init__.py": 'def one():\n    """Give one.\n\n    >>> one()\n    1\n    """\n    return 1\n',
        "checks/check_it.py": "import warnings\nfrom lib import one\n\ndef check_one(five): assert one() + 4 == five\n"
        "def check_warning(): warnings.warn('bad')\n",
        "checks/conftest.py": "import pytest\n@pytest.fixture\ndef five(): return 5\n",
    })  # fmt: skip
    run = run_suite(sandbox, project)
    assert run.trusted, run.why_not
    assert {each.id: each.outcome.value for each in run.results} == {
        "src/lib/__init__.py::lib.one": "passed",
        "checks/check_it.py::check_one": "passed",
        "checks/check_it.py::check_warning": "raised",
    }


def test_a_conftest_that_breaks_is_a_reason_not_to_trust(sandbox: Sandbox, make: Make) -> None:
    run = run_suite(sandbox, make({"conftest.py": "import nowhere\n", "test_a.py": "def test_a(): pass\n"}))
    assert not run.trusted
    assert "nowhere" in run.why_not


def test_no_tests_are_no_results(sandbox: Sandbox, make: Make) -> None:
    run = run_suite(sandbox, make({"m.py": "x = 1\n"}))
    assert (run.results, run.trusted) == ((), True)


def test_a_suite_past_its_time_is_not_trusted(sandbox: Sandbox, make: Make) -> None:
    tests = "import time\ndef test_a(): pass\ndef test_b(): time.sleep(60)\ndef test_c(): pass\n"
    run = run_suite(sandbox, make({"test_a.py": tests}), limits=Limits(seconds=3))
    assert [each.outcome for each in run.results][1:] == [TestOutcome.TIMED_OUT] * 2
    assert not run.trusted
    assert run.why_not.startswith("the suite takes longer than budget.suite_seconds, 2 tests were left")


def test_property_tests_leave_nothing_behind(sandbox: Sandbox, make: Make) -> None:
    tests = (
        "from hypothesis import given, strategies as st\nfrom pathlib import Path\n"
        "@given(st.integers())\ndef test_a(n): assert n < 100\n"
        "def test_b(): assert not Path('.hypothesis/examples').exists()\n"
    )
    run = run_suite(sandbox, make({"test_a.py": tests}))
    assert [each.outcome for each in run.results] == [TestOutcome.FAILED, TestOutcome.PASSED]


def test_a_slow_test_gets_another_chance_once_the_suite_has_shown_its_speed(sandbox: Sandbox, make: Make) -> None:
    spin = "import time\ndef spin(n):\n    end = time.process_time() + n\n    while time.process_time() < end: pass\n"
    tests = spin + "def test_first(): spin(0.7)\ndef test_slow(): spin(1.2)\ndef test_more(): spin(0.3)\n"
    run = run_suite(sandbox, make({"test_a.py": tests}), test_seconds=1.0)
    assert [each.outcome.value for each in run.results] == ["passed", "timed out", "passed"]


def test_tracing_changes_no_outcome(sandbox: Sandbox, make: Make) -> None:
    module = (
        "import sys\n\ndef deep(n):\n    return 0 if n == 0 else 1 + deep(n - 1)\n\ndef tracer():\n    return sys.gettrace()\n"
    )
    tests = (
        "import sys\nfrom m import deep, tracer\n\ndef test_untraced():\n    assert tracer() is None\n\n"
        "def test_deep():\n    assert deep(800) == 800\n\ndef test_wrong():\n    assert deep(3) == 4\n"
    )
    run = run_suite(sandbox, make({"m.py": module, "test_m.py": tests}), trace=True)
    assert run.trusted, run.why_not
    assert [each.outcome.value for each in run.results] == ["passed", "passed", "failed"]
    assert run.covered_by[NodeId("test_m.py::test_wrong")] == {"m.py": {4}}


class Gone:
    """A sandbox whose processes end at once."""

    layer = Layer.RESTRICTED

    def run(self, launch: Launch) -> Completed:
        raise NotImplementedError

    def converse(self, launch: Launch) -> GoneConversation:
        del launch
        return GoneConversation()


class GoneConversation:
    def __init__(self) -> None:
        self.stdin: BinaryIO = open("/dev/null", "wb", buffering=0)  # noqa: PTH123, SIM115
        self.stdout: BinaryIO = open("/dev/null", "rb", buffering=0)  # noqa: PTH123, SIM115

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> Completed:
        self.stdin.close()
        self.stdout.close()
        return Completed(137, Ended.OUT_OF_MEMORY, b"", b"killed\n", 0.1)


@pytest.mark.parametrize("tests", [(), (NodeId("test_a.py::test_a"),)])
def test_a_sandbox_that_dies_is_no_verdict(tests: tuple[NodeId, ...], make: Make, environment: Environment) -> None:
    del environment
    run = run_suite(Gone(), make({"test_a.py": "def test_a(): pass\n"}), tests)
    assert not run.trusted
    assert "out of memory" in run.why_not
    assert [each.outcome for each in run.results] == [TestOutcome.MISSING] * len(tests)
