"""Running one collected test again and again in one process: called directly where it is plain, else through pytest."""

from __future__ import annotations

import copy
import inspect
import random
import time
from typing import Any

import pytest

from . import verdict

_KNOWN = (
    "_pytest.",
    "_hypothesis_pytestplugin",
    "pytest_asyncio",
    "anyio",
    "pytest_timeout",
    "pytest_cov",
    "xdist",
)
"""Plug-ins whose hooks around a test do nothing to a plain one."""
_HOOKS = (
    "pytest_runtest_setup",
    "pytest_runtest_call",
    "pytest_runtest_teardown",
    "pytest_pyfunc_call",
    "pytest_runtest_protocol",
)
_MARKS = frozenset({"skip", "skipif", "xfail", "timeout", "usefixtures"})

_cpu = time.process_time


def only_known_hooks(session: Any, own: list[Any]) -> bool:
    """Say whether no hook of the project runs around its tests."""
    for name in _HOOKS:
        for each in getattr(session.config.hook, name).get_hookimpls():
            module = getattr(each.function, "__module__", "") or ""
            if each.plugin not in own and not module.startswith(_KNOWN):
                return False
    return not any("pytest_runtest" in name for plugin in _conftests(session) for name in vars(plugin))


def _conftests(session: Any) -> list[Any]:
    plugins = session.config.pluginmanager.get_plugins()
    return [each for each in plugins if str(getattr(each, "__file__", "")).endswith("conftest.py")]


class Test:
    """A collected test that can be run many times."""

    __test__ = False

    def __init__(self, item: Any, protocol: Protocol, *, hooks_are_known: bool) -> None:
        self.item = item
        self._protocol = protocol
        example = getattr(item, "dtest", None)
        self._names = None if example is None else dict(example.globs)
        self._values = _parameters(item) if hooks_are_known else None
        self.plain = self._values is not None
        self._mutable = bool(self._values) and not all(_is_fixed(each) for each in (self._values or {}).values())

    @property
    def parameters(self) -> list[Any]:
        """Values that the test shares between its runs."""
        return list((self._values or {}).values())

    def quickly(self) -> verdict.Record:
        """Call a plain test; the record has no traceback."""
        random.seed(0)
        started = _cpu()
        record: verdict.Record = {"outcome": "passed"}
        try:
            values = self._values or {}
            values = copy.deepcopy(values) if self._mutable else values
            self._function()(**values)
        except BaseException as error:
            record = {"outcome": verdict.outcome_of(error), **verdict.describe(error, self._protocol.root)}
        record["cpu"] = _cpu() - started
        return record

    def fully(self, nextitem: Any = None) -> verdict.Record:
        """Run the test through the project's hooks and fixtures."""
        random.seed(0)
        if self._names is not None:
            self.item.dtest.globs = dict(self._names)  # a doctest empties its names when it has run
        self._protocol.record = verdict.broken("a plug-in ran the test in its own way, so there is no verdict")
        self.item.config.hook.pytest_runtest_protocol(item=self.item, nextitem=nextitem)
        record = self._protocol.record
        if record["outcome"] == "passed" and not verdict.passed_everything(record):
            return verdict.broken("set-up, call and tear-down did not each pass exactly once")
        return record

    def run(self, following: Test | None = None) -> verdict.Record:
        """Run the test the quickest way it can be run; what only ``following`` needs as well is not torn down."""
        if self.plain:
            return self.quickly()
        return self.fully(None if following is None or following.plain else following.item)

    def clear(self) -> None:
        """Tear down every fixture that still stands."""
        try:
            self.item.session._setupstate.teardown_exact(None)  # noqa: SLF001 - no public way
        except BaseException:
            return

    def _function(self) -> Any:
        if self.item.cls is None:
            return self.item.function
        return getattr(self.item.cls(), self.item.originalname)


class Protocol:
    """The pytest plug-in that runs one test in place of pytest's own protocol."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.record: verdict.Record = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: Any, nextitem: Any) -> bool:
        """Run the phases, without a report where none is needed."""
        self.record = verdict.Phases(item, self.root, tracebacks=False).run(nextitem)
        return True


def _parameters(item: Any) -> dict[str, Any] | None:
    """Return what a plain test is called with; None where it needs fixtures, or anything else of pytest."""
    if type(item) is not pytest.Function or _is_special(item):
        return None
    callspec = getattr(item, "callspec", None)
    direct = dict(getattr(callspec, "funcargs", None) or {})
    for name, value in (getattr(callspec, "params", None) or {}).items():
        definitions = item._fixtureinfo.name2fixturedefs.get(name, ())  # noqa: SLF001 - no public way
        if definitions and definitions[-1].func.__name__ == "get_direct_param_fixture_func":
            direct[name] = value
    if set(item.fixturenames) - set(direct):
        return None
    return {name: direct[name] for name in item._fixtureinfo.argnames}  # noqa: SLF001


def _is_special(item: Any) -> bool:
    function = inspect.unwrap(item.function)
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        return True
    if inspect.iscoroutinefunction(item.function):
        return True
    return any(mark.name in _MARKS for mark in item.iter_markers())


def _is_fixed(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_fixed, value))
    return value is None or isinstance(value, (int, float, complex, str, bytes, bool, type, frozenset)) or callable(value)


def by_id(items: list[Any], protocol: Protocol, *, hooks_are_known: bool) -> dict[str, Test]:
    """Return the tests by their ids; ``protocol`` must be registered as a plug-in."""
    return {each.nodeid: Test(each, protocol, hooks_are_known=hooks_are_known) for each in items}
