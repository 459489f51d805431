"""Danger rules: reaching for the machinery that judges the code. It may be honest, but only a person can tell.

All names start with ``reach-``: the policies ask for an approval where one of them is found.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Final

from bot.gate import Severity
from bot.scan.rule import Match, Names, Rule

_ADVICE: Final = "a person has to see that this is honest"
_COMPARISONS: Final = frozenset({"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__"})
_RUNNERS: Final = frozenset({"_pytest", "pytest", "pluggy", "hypothesis"})
_INTERNALS: Final = frozenset(
    {"__globals__", "__code__", "__subclasses__", "__closure__", "f_back", "f_locals", "f_globals", "tb_frame"}
)


def _named(*dotted: str) -> Match:
    """Match every use of a dotted name, called or not."""
    wanted = frozenset(dotted)
    return lambda node, names: isinstance(node, ast.Attribute | ast.Name) and names.dotted(node) in wanted


def _imports_runner(node: ast.AST, _names: Names) -> bool:
    match node:
        case ast.Import(names=found):
            return any(each.name.split(".")[0] in _RUNNERS for each in found)
        case ast.ImportFrom(module=str(module), level=0):
            return module.split(".")[0] in _RUNNERS
        case _:
            return False


def _asks_whether_tested(node: ast.AST, _names: Names) -> bool:
    match node:
        case ast.Constant(value=str(text)):
            return text in {"PYTEST_CURRENT_TEST", "PYTEST_VERSION", "pytest", "_pytest", "conftest"}
        case _:
            return False


def _one_answer(node: ast.AST, _names: Names) -> bool:
    """A comparison that gives the same answer whatever it is asked."""
    if not isinstance(node, ast.FunctionDef) or node.name not in _COMPARISONS:
        return False
    body = [each for each in node.body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))]
    match body:
        case [ast.Return(value=ast.Constant(value=bool()))]:
            return True
        case _:
            return False


def _looks_inside(node: ast.AST, _names: Names) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in _INTERNALS


def _rule(name: str, why: str, matches: Match, bad: tuple[str, ...], good: tuple[str, ...]) -> Rule:
    nodes = (ast.Attribute, ast.Name)
    return Rule(f"reach-{name}", f"{why}: {_ADVICE}", matches, bad, good, Severity.WARNING, in_tests=False, nodes=nodes)


RULES: Final = (
    replace(
        _rule(
            "runner",
            "it imports the test runner",
            _imports_runner,
            ("import pytest", "from _pytest import runner"),
            ("import pytesting", "from . import pytest"),
        ),
        nodes=(ast.Import, ast.ImportFrom),
    ),
    replace(
        _rule(
            "tested",
            "it asks whether it is being tested",
            _asks_whether_tested,
            ("import os\nos.environ.get('PYTEST_CURRENT_TEST')", "'pytest' in m"),
            ("x = 'python'",),
        ),
        nodes=(ast.Constant,),
    ),
    _rule(
        "frames",
        "it looks at its callers",
        _named(
            "sys._getframe",
            "sys._current_frames",
            "inspect.stack",
            "inspect.currentframe",
            "inspect.getouterframes",
            "inspect.trace",
        ),
        ("import sys\nsys._getframe(1)", "from inspect import stack\nstack()", "import inspect\ng = inspect.currentframe"),
        ("import inspect\ninspect.signature(f)",),
    ),
    _rule(
        "internals",
        "it looks inside functions, frames or all classes",
        _looks_inside,
        ("f.__globals__", "f.__code__ = g.__code__", "object.__subclasses__()", "frame.f_back"),
        ("f.__name__", "f.__doc__"),
    ),
    _rule(
        "tracing",
        "it listens to every step of the program",
        _named(
            "sys.settrace", "sys.setprofile", "threading.settrace", "threading.setprofile", "sys.monitoring", "sys.addaudithook"
        ),
        ("import sys\nsys.settrace(f)",),
        ("import sys\nsys.exit()",),
    ),
    _rule(
        "heap",
        "it looks at all objects in memory",
        _named("gc.get_objects", "gc.get_referrers", "gc.get_referents"),
        ("import gc\ngc.get_objects()",),
        ("import gc\ngc.collect()",),
    ),
    _rule(
        "late",
        "it acts after the program, or on signals",
        _named("atexit.register", "atexit.unregister", "signal.signal"),
        ("import atexit\natexit.register(f)", "import atexit\n@atexit.register\ndef f(): ..."),
        ("import signal\nsignal.SIGINT",),
    ),
    _rule(
        "exit",
        "it ends processes without leave",
        _named("os._exit", "os.abort", "os.kill", "os.killpg"),
        ("import os\nos._exit(0)", "from os import kill\nkill(p, 9)"),
        ("import os\nos.getpid()",),
    ),
    _rule(
        "skip",
        "it can make a test look skipped",
        _named("unittest.SkipTest", "unittest.skip", "unittest.case.SkipTest"),
        ("import unittest\nraise unittest.SkipTest",),
        ("import unittest\nunittest.TestCase",),
    ),
    replace(
        _rule(
            "one-answer",
            "its comparison gives the same answer whatever it is asked",
            _one_answer,
            ("class A:\n    def __eq__(self, other):\n        return True",),
            (
                "class A:\n    def __eq__(self, other):\n        return self.x == other.x",
                "class A:\n    def same(self):\n        return True",
            ),
        ),
        nodes=(ast.FunctionDef,),
    ),
)
