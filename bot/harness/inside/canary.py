"""Tests whose outcome is known, run among the project's own: what fools a test fools them as well.

The warden draws them under random names, in random order, and alone knows what each must come to. The worker gets their text
when the project's tests are collected, and puts it in a file beside them, so that the same hooks and fixtures apply. Besides,
the code that decides verdicts is compared with what it was before the project's code was imported.
"""

from __future__ import annotations

import builtins
import os
import secrets
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


class Draw:
    """One worker's canaries as the warden knows them: each body twice, so that one can run early and one late."""

    def __init__(self) -> None:
        dice = secrets.SystemRandom()
        early = [(secrets.token_hex(6), *each) for each in BODIES]
        late = [(secrets.token_hex(6), *each) for each in BODIES]
        self._late = {key for key, _, _ in late}
        self._outcomes = {key: outcome for key, outcome, _ in early + late}
        self.cards = [[key, body] for key, _, body in early + late]
        """(name, body): all that the worker hears."""
        for each in (early, late, self.cards):
            dice.shuffle(each)
        self.expected: dict[str, str] = {}
        """What each collected canary must come to, by its id."""

    def found(self, ids: list[str]) -> bool:
        """Take the ids under which the canaries were collected; say whether each of them is there, once."""
        names = {nodeid: nodeid.rsplit("_", 1)[-1] for nodeid in ids}
        self.expected = {nodeid: self._outcomes[name] for nodeid, name in names.items() if name in self._outcomes}
        return sorted(names.values()) == sorted(self._outcomes) and len(ids) == len(names)

    def among(self, tests: list[str]) -> list[str]:
        """Return tests and canaries in the order to run: half of the canaries last, the others before or between files."""
        dice = secrets.SystemRandom()
        early = [each for each in self.expected if each.rsplit("_", 1)[-1] not in self._late]
        late = [each for each in self.expected if each not in early]
        dice.shuffle(early)
        dice.shuffle(late)
        places = [0, *self._gaps(tests)]
        chosen = sorted((dice.choice(places) for _ in early), reverse=True)
        queue = list(tests)
        for place, each in zip(chosen, early):  # noqa: B905 - strict came with Python 3.10
            queue.insert(place, each)
        return queue + late

    def _gaps(self, tests: list[str]) -> list[int]:
        """Return the places between tests of different files where no fixture of a package would be torn down early."""
        home = os.path.dirname(next(iter(self.expected), "").split("::")[0])  # noqa: PTH120
        files = [each.split("::")[0] for each in tests]
        folders = [os.path.dirname(each) for each in files]  # noqa: PTH120
        return [
            here
            for here in range(1, len(tests))
            if files[here - 1] != files[here] and (folders[here - 1] != folders[here] or folders[here] == home)
        ]


class Canaries:
    """One worker's canaries as it collects them, without knowing what they must come to."""

    def __init__(self, cards: list[list[str]]) -> None:
        self._cards = cards

    def holds(self, item: Any) -> bool:
        """Say whether a collected test is a canary."""
        name = getattr(item, "originalname", None) or item.name
        return any(name.endswith("_" + key) for key, _ in self._cards)

    def collect(self, session: Any, items: list[Any]) -> list[Any]:
        """Write the canaries beside the first test and return them as collected tests."""
        parent, folder = self._home(session, items)
        path = folder / f"test_{secrets.token_hex(6)}.py"
        pattern = str(session.config.getini("python_functions")[0])
        source = ["import pytest", "import unittest", ""]
        for key, body in self._cards:
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
