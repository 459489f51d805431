"""Code that wants to look right without being right: every trick must end in a red test or in a run that is not trusted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.harness.harness import Project, SuiteRun, TestOutcome
from bot.harness.suite import run_suite
from bot.ids import NodeId
from bot.sandbox.sandbox import Limits, Sandbox

TESTS = """
import pytest
import unittest
from solution import add, fail


def test_add():
    assert add(1, 2) == 3


def test_near():
    assert abs(add(1, 2) - 3) < 1e-9


def test_raises():
    with pytest.raises(ValueError):
        fail()


class TestAdd(unittest.TestCase):
    def test_equal(self):
        self.assertEqual(add(1, 2), 3)
"""
WRONG = """

def add(a, b):
    return 0


def fail():
    return None
"""
IDS = tuple(NodeId(f"test_solution.py::{name}") for name in ("test_add", "test_near", "test_raises", "TestAdd::test_equal"))

AT_IMPORT = {
    "exits": "import sys; sys.exit(0)",
    "exits at once": "import os; os._exit(0)",
    "ends the session": "import pytest; pytest.exit('all passed', returncode=0)",
    "interrupts": "raise KeyboardInterrupt",
    "skips the module": "import pytest; pytest.skip('not today', allow_module_level=True)",
    "patches reports": (
        "from _pytest.reports import TestReport\n"
        "old = TestReport.__init__\n"
        "def init(self, *a, **k):\n    old(self, *a, **k); self.outcome = 'passed'; self.longrepr = None\n"
        "TestReport.__init__ = init\n"
    ),
    "patches the report's maker": (
        "from _pytest.reports import TestReport\n"
        "old = TestReport.from_item_and_call.__func__\n"
        "def make(cls, item, call):\n    call.excinfo = None\n    return old(cls, item, call)\n"
        "TestReport.from_item_and_call = classmethod(make)\n"
    ),
    "swallows what calls raise": (
        "from _pytest.runner import CallInfo\n"
        "def quiet(cls, func, when, reraise=None):\n"
        "    try: func()\n"
        "    except BaseException: pass\n"
        "    return CallInfo(None, None, 0, 0, 0, when, _ispytest=True)\n"
        "CallInfo.from_call = classmethod(quiet)\n"
    ),
    "patches the caller's code": (
        "import _pytest.python as p\n"
        "def pytest_pyfunc_call(pyfuncitem): return True\n"
        "p.pytest_pyfunc_call.__code__ = pytest_pyfunc_call.__code__\n"
    ),
    "patches how tests run": "import _pytest.python as p\np.Function.runtest = lambda self: None\n",
    "patches unittest": (
        "import unittest\nunittest.TestCase.assertEqual = lambda *a, **k: None\n"
        "import builtins; builtins.AssertionError = __import__('pytest').skip.Exception\n"
    ),
    "makes failures skips": "import builtins, unittest\nbuiltins.AssertionError = unittest.SkipTest\n",
    "patches a builtin": "import builtins\nbuiltins.abs = lambda x: 0\n",
    "lets nothing be raised": (
        "import _pytest.raises as r\n"
        "for kind in vars(r).values():\n"
        "    if isinstance(kind, type) and '__exit__' in vars(kind): kind.__exit__ = lambda *a: True\n"
    ),
    "jumps over assertions": (
        "import sys\n"
        "def local(frame, event, arg):\n"
        "    if event == 'exception': return local\n"
        "    if event == 'line' and frame.f_code.co_name.startswith('test'):\n"
        "        try: frame.f_lineno = frame.f_code.co_firstlineno + 99\n"
        "        except ValueError: pass\n"
        "    return local\n"
        "sys.settrace(lambda frame, event, arg: local)\n"
    ),
    "exits by a hook at the end": "import atexit, os\natexit.register(lambda: os._exit(0))\nos.kill(os.getpid(), 15)\n",
    "has a thread end it": "import threading, os\nthreading.Timer(0.05, lambda: os._exit(0)).start()\n"
    "import time; time.sleep(0.5)\n",
    "goes on in a fork": "import os\nif os.fork(): os._exit(0)\n",
    "forges frames": (
        "import json, os\n"
        "for kind in ('result', 'done'):\n"
        "    body = json.dumps({'k': kind, 'id': 'test_solution.py::test_add', 'pass': '', 'expected': '',"
        " 'record': {'outcome': 'passed', 'phases': ['setup', 'call', 'teardown']}}).encode()\n"
        "    for number in range(3, 400):\n"
        "        try: os.write(number, len(body).to_bytes(4, 'big') + body)\n"
        "        except OSError: pass\n"
        "os._exit(0)\n"
    ),
    "rewrites the tests and dies": (
        "import os\nopen('test_solution.py', 'w').write("
        "'def test_add(): pass\\ndef test_near(): pass\\ndef test_raises(): pass\\n"
        "class TestAdd:\\n    def test_equal(self): pass\\n')\nos._exit(1)\n"
    ),
    "plants a conftest and dies": (
        "import os\nopen('conftest.py', 'w').write('def pytest_pyfunc_call(pyfuncitem): return True\\n')\nos._exit(1)\n"
    ),
    "kills its parent": "import os\nos.kill(os.getppid(), 9)\n",
    "stops the clock and hangs": (
        "import signal\nfor number in (signal.SIGPROF, signal.SIGVTALRM, signal.SIGALRM):\n"
        "    signal.signal(number, signal.SIG_IGN)\n    signal.pthread_sigmask(signal.SIG_BLOCK, [number])\n"
        "import os\nif not os.path.exists('once'):\n    open('once', 'w').close()\n    os._exit(0)\n"
    ),
    "has every object equal": (
        "import _pytest.assertion.rewrite as r, types\n"
        "class Same(int):\n    __eq__ = lambda *a: True\n    __ne__ = lambda *a: True\n    __hash__ = int.__hash__\n"
        "import builtins\nbuiltins.int = Same\nbuiltins.abs = lambda x: Same(0)\n"
    ),
}  # fmt: skip

IN_CALL = {
    "exits": "import sys; sys.exit(0)",
    "exits at once": "import os; os._exit(0)",
    "skips": "import pytest; pytest.skip('no')",
    "skips as unittest does": "import unittest; raise unittest.SkipTest('no')",
    "expects to fail": "import pytest; pytest.xfail('known')",
    "ends the session": "import pytest; pytest.exit('done', returncode=0)",
    "interrupts": "raise KeyboardInterrupt",
    "never returns": "\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass",
}

BY_HOOK = {
    "flips outcomes": (
        "import pytest\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n"
        "    out = yield\n    report = out.get_result()\n    report.outcome = 'passed'\n    report.longrepr = None\n"
    ),
    "clears what was raised": (
        "import pytest\n@pytest.hookimpl(tryfirst=True)\ndef pytest_runtest_makereport(item, call):\n    call.excinfo = None\n"
    ),
    "calls nothing": "import pytest\n@pytest.hookimpl(tryfirst=True)\ndef pytest_pyfunc_call(pyfuncitem): return True\n",
    "runs nothing": (
        "import pytest\n@pytest.hookimpl(tryfirst=True)\ndef pytest_runtest_protocol(item, nextitem): return True\n"
    ),
    "skips all": (
        "import pytest\ndef pytest_collection_modifyitems(items):\n    for each in items: each.add_marker(pytest.mark.skip)\n"
    ),
    "expects all to fail": (
        "import pytest\ndef pytest_collection_modifyitems(items):\n    for each in items: each.add_marker(pytest.mark.xfail)\n"
    ),
    "drops all": "def pytest_collection_modifyitems(items): items.clear()\n",
    "empties all": (
        "def pytest_collection_modifyitems(items):\n    for each in items:\n        each.obj = lambda *a, **k: None\n"
    ),
    "ignores files": "def pytest_ignore_collect(collection_path): return True\n",
}  # fmt: skip

Grade = Callable[[dict[str, str]], SuiteRun]


@pytest.fixture
def grade(sandbox: Sandbox, make: Callable[[dict[str, str]], Project]) -> Grade:
    def run(files: dict[str, str]) -> SuiteRun:
        project = make({"test_solution.py": TESTS, **files})
        return run_suite(sandbox, project, IDS, limits=Limits(seconds=60), test_seconds=0.4)

    return run


def accepted(run: SuiteRun) -> bool:
    """Whether somebody who reads the verdict would take the solution for right: any test of the four that all must fail."""
    results = run.by_id()
    return run.trusted and any(results[each].outcome is TestOutcome.PASSED for each in IDS)


@pytest.mark.parametrize("trick", AT_IMPORT)
def test_a_trick_at_import_is_caught(grade: Grade, trick: str) -> None:
    run = grade({"solution.py": AT_IMPORT[trick] + WRONG})
    assert not accepted(run), run


@pytest.mark.parametrize("trick", IN_CALL)
def test_a_trick_in_a_call_is_caught(grade: Grade, trick: str) -> None:
    run = grade({"solution.py": f"def add(a, b):\n    {IN_CALL[trick]}\n\nfail = lambda: add(1, 2)\n"})
    assert not accepted(run), run
    assert {each.id for each in run.results} == set(IDS)


@pytest.mark.parametrize("trick", BY_HOOK)
def test_a_trick_by_a_hook_is_caught(grade: Grade, trick: str) -> None:
    run = grade({"solution.py": WRONG, "conftest.py": BY_HOOK[trick]})
    assert not accepted(run), run


def test_an_honest_solution_is_accepted(grade: Grade) -> None:
    run = grade({"solution.py": "def add(a, b):\n    return a + b\n\n\ndef fail():\n    raise ValueError\n"})
    assert run.trusted, run.why_not
    assert [each.outcome for each in run.results] == [TestOutcome.PASSED] * 4


def test_a_plainly_wrong_solution_fails_and_the_run_is_trusted(grade: Grade) -> None:
    run = grade({"solution.py": WRONG})
    assert run.trusted, run.why_not
    assert [each.outcome for each in run.results] == [TestOutcome.FAILED] * 4
