"""Danger rules: reaching for the machinery that judges the code. It may be honest, but only a person can tell.

All names start with ``reach-``: the policies ask for an approval where one of them is found. An author of Pawl's own does without
all but what ``HONEST`` names.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from bot.change.outline import parse
from bot.gate import Severity
from bot.scan.descriptors import is_foreign
from bot.scan.rule import Danger, Match, Names, Rule, dangers

_ADVICE: Final = "a person has to see that this is honest"
_COMPARISONS: Final = frozenset({"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__"})
_RUNNERS: Final = frozenset({"pytest", "pluggy", "hypothesis"})
_LOADED: Final = frozenset({"pytest", "_pytest", "pluggy", "unittest", "conftest"})
_INTERNALS: Final = frozenset({"__globals__", "__code__", "__subclasses__", "__closure__"})
_FRAMES: Final = frozenset(
    {
        *("_getframe", "currentframe", "walk_stack", "extract_stack", "tb_frame", "gi_frame", "cr_frame", "ag_frame"),
        *("f_back", "f_globals", "f_builtins", "f_locals"),
    }
)
"""Whatever they are read from: each leads to who called, and so to who judges."""
_HOOKS: Final = (
    *("pytest_runtest", "pytest_collection", "pytest_pyfunc", "pytest_sessionfinish", "pytest_report"),
    "pytest_itemcollected",
)
_HARMLESS_PROC: Final = frozenset(
    f"/proc/{name}" for name in ("cpuinfo", "meminfo", "loadavg", "stat", "uptime", "version", "mounts", "sys", "net")
)
_EXITS: Final = frozenset({"sys.exit", "exit", "quit"})


def _named(*dotted: str) -> Match:
    """Match every use of a dotted name, called or not, and its import by that name."""
    wanted = frozenset(dotted)

    def matches(node: ast.AST, names: Names) -> bool:
        if isinstance(node, ast.ImportFrom):
            return not node.level and any(f"{node.module}.{each.name}" in wanted for each in node.names)
        return names.dotted(node) in wanted

    return matches


def _imports(*tops: str) -> Match:
    """Match the import of any of these packages."""
    wanted = frozenset(tops)

    def matches(node: ast.AST, _names: Names) -> bool:
        match node:
            case ast.Import(names=found):
                return any(each.name.split(".")[0] in wanted for each in found)
            case ast.ImportFrom(module=str(module), level=0):
                return module.split(".")[0] in wanted
            case _:
                return False

    return matches


def _asks_whether_tested(node: ast.AST, _names: Names) -> bool:
    """A word that only a test run knows, or a look for the runner in whatever it may have left its name."""
    if isinstance(node, ast.Constant):
        return node.value in {"PYTEST_CURRENT_TEST", "PYTEST_VERSION", "_pytest"}
    return isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn) and _names_runner([node.left])


def _looks_for_runner(node: ast.AST, names: Names) -> bool:
    """A look among the loaded modules for one that only a test run loads."""
    parts = [*ast.iter_child_nodes(node)]
    return _names_runner(parts) and any("sys.modules" in names.dotted(_root(each)) for each in parts)


def _names_runner(parts: list[ast.AST]) -> bool:
    words = (each.value for each in parts if isinstance(each, ast.Constant) and isinstance(each.value, str))
    return any(each.partition(".")[0] in _LOADED for each in words)


def _root(node: ast.AST) -> ast.AST:
    """Return what an expression is called or taken of, down to ``sys.modules`` where it is that."""
    while isinstance(node, ast.Call | ast.Attribute) and not (isinstance(node, ast.Attribute) and node.attr == "modules"):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node


def _one_answer(node: ast.AST, _names: Names) -> bool:
    """A comparison that gives the same answer whatever it is asked."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name not in _COMPARISONS:
        return False
    returns = [each for each in ast.walk(node) if isinstance(each, ast.Return)]
    values = {each.value.value if isinstance(each.value, ast.Constant) else None for each in returns}
    return len(values) == 1 and isinstance(values.pop(), bool)


def _is_hook(node: ast.AST, _names: Names) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(_HOOKS)


def _attribute(wanted: frozenset[str]) -> Match:
    return lambda node, _names: isinstance(node, ast.Attribute) and node.attr in wanted


def _either(one: Match, other: Match) -> Match:
    return lambda node, names: one(node, names) or other(node, names)


def _patches_builtins(node: ast.AST, names: Names) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[owner, *_]):
            return _is_builtins(owner, names)
        case ast.Assign(targets=targets):
            return any(_in_builtins(each, names) for each in targets)
        case ast.AugAssign(target=target):
            return _in_builtins(target, names)
        case _:
            return False


def _in_builtins(target: ast.expr, names: Names) -> bool:
    return isinstance(target, ast.Attribute | ast.Subscript) and _is_builtins(target.value, names)


def _is_builtins(node: ast.expr, names: Names) -> bool:
    while isinstance(node, ast.Subscript):
        node = node.value
    return names.dotted(node).split(".")[0] in {"builtins", "__builtins__"}


def _exits_on_import(node: ast.AST, names: Names) -> bool:
    """A module with a statement at its top, outside a main guard, that ends the process."""
    return isinstance(node, ast.Module) and any(_exits(each, names) for each in node.body)


def _exits(node: ast.stmt, names: Names) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    if isinstance(node, ast.If) and any(isinstance(each, ast.Name) and each.id == "__name__" for each in ast.walk(node.test)):
        return False
    return any(
        names.called(each) in _EXITS or (isinstance(each, ast.Raise) and each.exc is not None and _is_exit(each.exc, names))
        for each in ast.walk(node)
    )


def _is_exit(node: ast.expr, names: Names) -> bool:
    return "SystemExit" in {names.dotted(node), names.called(node)}


def _looks_at_processes(node: ast.AST, _names: Names) -> bool:
    """A place where the system shows the inside of processes."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return False
    text = node.value
    return text.startswith("/dev/fd") or (text.startswith("/proc/") and "/".join(text.split("/")[:3]) not in _HARMLESS_PROC)


def _rule(  # noqa: PLR0913 - a rule is what it says, what it sees and its examples
    name: str,
    why: str,
    matches: Match,
    bad: tuple[str, ...],
    good: tuple[str, ...],
    *nodes: type[ast.AST],
    in_tests: bool = True,
) -> Rule:
    said = f"{why}: {_ADVICE}"
    return Rule(f"reach-{name}", said, matches, bad, good, Severity.WARNING, in_tests, nodes or _NAMES)


_NAMES: Final = (ast.Attribute, ast.Name, ast.ImportFrom)
_IMPORTS: Final = (ast.Import, ast.ImportFrom)
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)

RULES: Final = (
    _rule(
        "pytest",
        "it reaches into pytest or into the interpreter's memory",
        _imports("_pytest", "ctypes"),
        ("from _pytest import runner", "import ctypes"),
        ("import pytest", "from . import _pytest"),
        *_IMPORTS,
    ),
    _rule(
        "runner",
        "it imports the test runner",
        _imports(*_RUNNERS),
        ("import pytest", "from hypothesis import given"),
        ("import pytesting", "from . import pytest"),
        *_IMPORTS,
        in_tests=False,
    ),
    _rule(
        "hooks",
        "it changes how tests are run or reported",
        _is_hook,
        ("def pytest_runtest_makereport(item, call): ...",),
        ("def pytest_configure(config): ...",),
        *_FUNCTIONS,
    ),
    _rule(
        "tested",
        "it asks whether it is being tested",
        _asks_whether_tested,
        ("import os\nos.environ.get('PYTEST_CURRENT_TEST')", "'pytest' in m"),
        ("x = 'python'", "import subprocess\nsubprocess.run(['pytest'])", "x == 'pytest'"),
        *(ast.Constant, ast.Compare),
        in_tests=False,
    ),
    _rule(
        "loaded",
        "it looks for the test runner among what is loaded",
        _looks_for_runner,
        (
            "import sys\nsys.modules['_pytest.runner']",
            "import sys\nsys.modules.get('pytest')",
            "import sys\nx = 'pytest' not in sys.modules",
            "from sys import modules\nmodules['pytest']",
        ),
        ("import sys\nsys.modules[__name__]", "assert 'pytest' in said"),
        *(ast.Compare, ast.Call, ast.Subscript),
    ),
    _rule(
        "frames",
        "it looks at its callers",
        _either(
            _named("inspect.stack", "inspect.trace", "inspect.getouterframes", "sys._current_frames", "inspect.currentframe"),
            _attribute(_FRAMES),
        ),
        (
            "from inspect import stack",
            "import inspect\ng = inspect.currentframe",
            "from sys import _current_frames",
            "import collections\ncollections._sys._getframe(1)",
            "error.__traceback__.tb_frame",
            "frame.f_back",
        ),
        ("import inspect\ninspect.signature(f)", "import traceback\ntraceback.print_exc()"),
    ),
    _rule(
        "internals",
        "it looks inside functions or all classes",
        _attribute(_INTERNALS),
        ("f.__globals__", "f.__code__ = g.__code__", "object.__subclasses__()"),
        ("f.__name__", "f.__doc__"),
        ast.Attribute,
        in_tests=False,
    ),
    _rule(
        "tracing",
        "it listens to every step of the program, or changes how modules are imported",
        _named(
            *("sys.settrace", "sys.setprofile", "threading.settrace", "threading.setprofile", "sys.monitoring"),
            *("sys.addaudithook", "sys.meta_path", "sys.path_hooks"),
        ),
        ("import sys\nsys.settrace(f)", "import sys\nsys.meta_path.insert(0, f)"),
        ("import sys\nsys.exit()",),
    ),
    _rule(
        "heap",
        "it looks at all objects in memory",
        _named("gc.get_objects", "gc.get_referrers", "gc.get_referents"),
        ("import gc\ngc.get_objects()", "from gc import get_referrers"),
        ("import gc\ngc.collect()",),
    ),
    _rule(
        "builtins",
        "it changes what built-in names mean",
        _patches_builtins,
        ("import builtins\nbuiltins.len = f", "import builtins\nsetattr(builtins, 'len', 0)", "__builtins__['len'] = 0"),
        ("import builtins\nx = builtins.len",),
        *(ast.Assign, ast.AugAssign, ast.Call),
    ),
    _rule(
        "late",
        "it acts after the program",
        _imports("atexit"),
        ("import atexit", "from atexit import register"),
        ("import signal",),
        *_IMPORTS,
    ),
    _rule(
        "signals",
        "it acts on signals, or sends them to other processes",
        _named("signal.signal", "os.kill", "os.killpg", "os.pidfd_open", "signal.pidfd_send_signal"),
        ("from os import kill\nkill(p, 9)", "import os\nos.pidfd_open(1)"),
        ("import signal\nsignal.SIGINT",),
        in_tests=False,
    ),
    _rule(
        "exit",
        "it ends the process on the spot",
        _named("os._exit", "os.abort"),
        ("import os\nos._exit(0)",),
        ("import os\nos.getpid()",),
    ),
    _rule(
        "import-exit",
        "it ends the process when it is imported",
        _exits_on_import,
        ("import sys\nsys.exit(0)", "if 1:\n    raise SystemExit"),
        ("import sys\nif __name__ == '__main__':\n    sys.exit(0)", "def main():\n    raise SystemExit(2)"),
        ast.Module,
        in_tests=False,
    ),
    _rule(
        "skip",
        "it can make a test look skipped or excused",
        _named("unittest.SkipTest", "unittest.skip", "unittest.case.SkipTest", "pytest.skip", "pytest.xfail"),
        ("import unittest\nraise unittest.SkipTest", "from unittest import SkipTest"),
        ("import unittest\nunittest.TestCase",),
        in_tests=False,
    ),
    _rule(
        "end",
        "it ends the tests",
        _named("pytest.exit"),
        ("import pytest\npytest.exit('enough')",),
        ("import pytest\npytest.fail('no')",),
    ),
    _rule(
        "one-answer",
        "its comparison gives the same answer whatever it is asked",
        _one_answer,
        ("class A:\n    def __eq__(self, other):\n        return True",),
        (
            "class A:\n    def __eq__(self, other):\n        return self.x == other.x",
            "class A:\n    def same(self):\n        return True",
        ),
        *_FUNCTIONS,
    ),
    _rule(
        "descriptors",
        "it speaks over a descriptor that it did not open",
        is_foreign,
        (
            "import os\nfor n in range(200, 260):\n    os.write(n, b'x')",
            "import os\nos.read(200, 4)",
            "from os import fdopen\nfdopen(number)",
            "import os\nos.dup2(3, 300)",
            "import fcntl\nfcntl.fcntl(7, 1)",
            "open(200, 'wb')",
        ),
        (
            "import os\nhere, there = os.pipe()\nos.write(there, b'x')",
            "import os\nwith open('f') as f:\n    os.fsync(f.fileno())\n    os.read(f.fileno(), 1)",
            "import os\nos.write(2, b'late')",
            "open('f')",
        ),
        ast.Call,
    ),
    _rule(
        "processes",
        "it looks into processes where the system shows them",
        _looks_at_processes,
        ("open('/proc/self/mem')", "x = f'/proc/{pid}/fd'", "open('/dev/fd/3')"),
        ("open('/proc/cpuinfo')", "x = '/process/self'"),
        ast.Constant,
    ),
)

HONEST: Final = frozenset({"reach-runner", "reach-signals", "reach-descriptors", "reach-processes", "reach-internals"})
"""Rules for what honest code may need: whoever proposes it, a person looks."""
_DEEP: Final = replace(
    _rule("depths", "it is nested too deeply to be looked through", lambda _node, _names: False, (), ()), nodes=()
)


def brought_in(before: str, after: str, *, test: bool = False) -> tuple[Danger, ...]:
    """Return what a file's new text has more often than its old one; nothing where it is no Python."""
    old = Counter((each.rule.name, each.what) for each in _reaching(before, test=test))
    found = []
    for each in _reaching(after, test=test):
        key = each.rule.name, each.what
        old[key] -= 1
        if old[key] < 0:
            found.append(each)
    return tuple(found)


def _reaching(text: str, *, test: bool) -> Iterator[Danger]:
    try:
        if parse(text) is None:
            ast.parse(text)
        yield from dangers(text, tuple(each for each in RULES if each.in_tests or not test))
    except (SyntaxError, ValueError):
        return
    except (RecursionError, MemoryError):  # whatever else is in it, nobody would see
        yield Danger(1, _DEEP, "deep nesting")
