"""Constructs that reach for the judge are seen, once, where they are new."""

from __future__ import annotations

import pytest

from bot.behaviour.cheats import cheats


@pytest.mark.parametrize(
    "text",
    [
        "from _pytest.reports import TestReport\n",
        "import ctypes\n",
        "import sys\nsys._getframe(1)\n",
        "import inspect\nx = inspect.stack()\n",
        "from inspect import currentframe\n",
        "import gc\ngc.get_referrers(1)\n",
        "import os\ndef f():\n    os._exit(0)\n",
        "import atexit\n",
        "from unittest import SkipTest\n",
        "import pytest\ndef f():\n    pytest.skip('x')\n",
        "class A:\n    def __eq__(self, other):\n        return True\n",
        "import builtins\nbuiltins.len = lambda x: 0\n",
        "import builtins\nsetattr(builtins, 'len', 0)\n",
        "__builtins__['len'] = 0\n",
        "import os\nx = os.environ.get('PYTEST_CURRENT_TEST')\n",
        "import sys\nsys.exit(0)\n",
        "if 1:\n    raise SystemExit\n",
        "import sys\nsys.settrace(None)\n",
        "try:\n    f()\nexcept ValueError as error:\n    x = error.__traceback__.tb_frame\n",
        "def f():\n    return (each for each in ()).gi_frame\n",
        "import collections\ncollections._sys._getframe(1)\n",
        "import traceback\ntraceback.walk_stack(None)\n",
        "import logging\nlogging.currentframe()\n",
        "import sys\nx = 'pytest' in sys.modules\n",
        "import sys\nx = sys.modules['_pytest.runner']\n",
        "import sys\nx = sys.modules.get('pytest')\n",
    ],
)
def test_reaching_for_the_judge_is_seen(text: str) -> None:
    found = cheats("", text)
    assert found
    assert all(each.why and each.line for each in found)


@pytest.mark.parametrize(
    "text",
    [
        "import sys\nif __name__ == '__main__':\n    sys.exit(0)\n",
        "class A:\n    def __eq__(self, other):\n        return isinstance(other, A) and self.x == other.x\n",
        "def main():\n    raise SystemExit(2)\n",
        "import os\nos.path.join('a')\n",
        "import sys\nx = sys.modules[__name__]\n",
        "import subprocess\nsubprocess.run(['pytest'])\n",
        "def f(:\n",
    ],
)
def test_ordinary_code_is_left_alone(text: str) -> None:
    assert not cheats("", text)


def test_what_was_there_before_does_not_count() -> None:
    old = "import ctypes\nimport sys\nsys._getframe(1)\n"
    assert not cheats(old, old + "x = 1\n")
    assert [each.what for each in cheats(old, old + "sys._getframe(2)\n")] == ["sys._getframe"]


def test_tests_may_skip_but_not_patch_pytest() -> None:
    assert not cheats("", "import pytest\ndef test_a():\n    pytest.skip('later')\n", test=True)
    assert cheats("", "def pytest_runtest_makereport(item, call):\n    pass\n", test=True)


@pytest.mark.parametrize("deep", ["x = a" + ".a" * 900, "x = a" + "()" * 900, "x = " + "-" * 20_000 + "1", "x = " + "(" * 20_000])
def test_nothing_hides_behind_deep_nesting(deep: str) -> None:
    """Where such a text is no Python for this interpreter at all, nothing in it runs."""
    found = cheats("", f"import ctypes\n{deep}\n")
    assert found or deep.endswith("(")
    assert not cheats(f"{deep}\n", f"{deep}\n")
