"""Tests whose outcome is known, run among the project's own: what fools a test fools them as well.

Every run gets them under fresh random names, in a file beside the project's tests, so that the same hooks and fixtures
apply. Besides, the code that decides verdicts is compared with what it was before the project's code was imported.
"""

from __future__ import annotations

import builtins
import os
import unittest
from typing import Any

import _pytest.assertion.util
import _pytest.outcomes
import _pytest.python
import _pytest.reports
import _pytest.runner
import pytest

from . import verdict

_SHORTLY = "try:\n        {}\n    except AssertionError as error:\n        raise error.with_traceback(None) from None"
"""Leaves ``unittest`` out of the traceback: to show its line, pytest would parse that whole module at every failure."""
MUST_PASS = "passed"  # noqa: S105 - an outcome, not a password
BODIES = (
    (MUST_PASS, "assert [len('ab'), abs(-1), sorted([2, 1]), max(1, 2), sum([1, 2]), str(3)] == [2, 1, [1, 2], 2, 3, '3']"),
    (MUST_PASS, "assert isinstance(1, int) and not isinstance(1, str) and all([]) and not any([]) and not 1 == 2"),
    ("failed", "assert 1 == 2"),
    ("failed", "assert not 3"),
    ("failed", "assert [1, {'a': 'b'}] == [1, {'a': 'c'}]"),
    ("failed", "assert (0.1 + 0.1) == pytest.approx(0.3)"),
    ("failed", "with pytest.raises(ValueError):\n        pass"),
    ("failed", "pytest.fail('as it must')"),
    ("failed", _SHORTLY.format("unittest.TestCase().assertEqual(1, 2)")),
    ("failed", _SHORTLY.format("unittest.TestCase().assertTrue(all([True, False]))")),
    ("failed", "raise AssertionError"),
    ("raised", "raise LookupError('as it must')"),
    ("raised", "raise SystemExit(0)"),
)
"""(outcome, body): what each canary must come to."""

_WATCHED = (
    (_pytest.outcomes, ("fail", "skip", "xfail", "Failed", "Skipped", "XFailed")),
    (_pytest.runner, ("CallInfo", "pytest_runtest_call", "pytest_runtest_setup", "pytest_runtest_makereport", "SetupState")),
    (_pytest.runner.CallInfo, ("from_call",)),
    (_pytest.runner.SetupState, ("setup", "teardown_exact")),
    (_pytest.reports.TestReport, ("__init__", "from_item_and_call")),
    (_pytest.python, ("pytest_pyfunc_call", "Function", "Module", "Class")),
    (_pytest.python.Function, ("runtest", "setup")),
    (_pytest.python.Module, ("collect", "_getobj")),
    (pytest, ("raises", "fail", "skip", "approx", "Function", "Module")),
    (unittest.TestCase, tuple(name for name in vars(unittest.TestCase) if name.startswith(("assert", "fail", "run", "_base")))),
    (unittest.case, ("TestCase", "SkipTest", "_Outcome")),
    (verdict, ("Phases", "passed_everything", "outcome_of")),
    (verdict.Phases, ("run", "_phase", "_outcome", "_note")),
    (
        builtins,
        ("AssertionError", "BaseException", "Exception", "SystemExit", "ValueError", "KeyError", "TypeError", "IndexError"),
    ),
    (builtins, ("abs", "all", "any", "bool", "dict", "float", "getattr", "hasattr", "hash", "int", "isinstance", "issubclass")),
    (builtins, ("len", "list", "max", "min", "object", "ord", "repr", "round", "set", "sorted", "str", "sum", "tuple", "type")),
)


def _current() -> dict[tuple[str, str], Any]:
    found = {}
    for owner, names in _WATCHED:
        for name in names:
            value = vars(owner).get(name)
            function = getattr(value, "__func__", value)
            found[getattr(owner, "__name__", "?"), name] = (value, getattr(function, "__code__", None))
    return found


_before = _current()


def tampered() -> list[str]:
    """Return the names of judging code that is no longer what it was when this module was imported."""
    now = _current()
    return ["{}.{}".format(*key) for key, (value, code) in _before.items() if now[key][0] is not value or now[key][1] is not code]


class Canaries:
    """One run's canaries: where they lie, and what each must come to."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._expected = {f"{token}{number:02}": outcome for number, (outcome, _) in enumerate(BODIES)}

    def expected(self, item: Any) -> str:
        """Return what a canary must come to; '' for any other test."""
        name = getattr(item, "originalname", None) or item.name
        return next((outcome for key, outcome in self._expected.items() if key in name), "")

    def collect(self, session: Any, items: list[Any]) -> list[Any]:
        """Write the canaries beside the first test and return them as collected tests."""
        parent, folder = self._home(session, items)
        path = folder / f"test_{self._token}.py"
        pattern = str(session.config.getini("python_functions")[0])
        source = ["import pytest", "import unittest", ""]
        for key, (_, body) in zip(self._expected, BODIES):  # noqa: B905 - strict came with Python 3.10
            name = pattern.replace("*", "_" + key) if "*" in pattern else pattern + "_" + key
            source += ["", f"def {name}():", "    " + body]
        try:
            path.write_text("\n".join(source) + "\n", encoding="utf-8")
            module = pytest.Module.from_parent(parent, path=path)
            return list(session.genitems(module))
        finally:
            os.unlink(str(path))  # noqa: PTH108 - its text is in memory now, and no other collection may find it

    @staticmethod
    def _home(session: Any, items: list[Any]) -> tuple[Any, Any]:
        for item in items:
            module = item.getparent(pytest.Module)
            if module is not None and module.parent is not None:
                return module.parent, module.path.parent
        return session, session.config.rootpath
