"""Constructs by which code can reach the machine that judges it. A change that brings one in needs a person's eyes.

A sandboxed harness stops the mechanical ones; code that walks frames and patches what it finds could still be believed.
Only what was not there before counts.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from bot.behaviour.touched import FunctionNode

_MODULES = {
    "_pytest": "reaches into pytest",
    "ctypes": "reaches into the interpreter's memory",
    "atexit": "acts when the process ends",
}
_ATTRIBUTES = {
    "sys._getframe": "looks at its callers",
    "sys._current_frames": "looks at other threads' frames",
    "sys.settrace": "watches the interpreter",
    "sys.setprofile": "watches the interpreter",
    "sys.monitoring": "watches the interpreter",
    "sys.meta_path": "changes how modules are imported",
    "sys.path_hooks": "changes how modules are imported",
    "threading.settrace": "watches the interpreter",
    "inspect.stack": "looks at its callers",
    "inspect.currentframe": "looks at its callers",
    "inspect.getouterframes": "looks at its callers",
    "inspect.trace": "looks at its callers",
    "gc.get_objects": "looks for objects it was not given",
    "gc.get_referrers": "looks for objects it was not given",
    "gc.get_referents": "looks for objects it was not given",
    "os._exit": "ends the process on the spot",
    "os.abort": "ends the process on the spot",
    "unittest.SkipTest": "skips the test that calls it",
    "pytest.skip": "skips the test that calls it",
    "pytest.xfail": "excuses the test that calls it",
    "pytest.exit": "ends the tests",
}
_FRAMES = frozenset(
    {
        *("_getframe", "currentframe", "walk_stack", "extract_stack", "tb_frame", "gi_frame", "cr_frame", "ag_frame"),
        *("f_back", "f_globals", "f_builtins", "f_locals"),
    }
)
"""Whatever they are read from: each leads to who called, and so to who judges."""
_WORDS = {"PYTEST_CURRENT_TEST": "asks whether a test is running", "_pytest": "reaches into pytest"}
_IN_TESTS = frozenset({"pytest.skip", "pytest.xfail", "unittest.SkipTest", "SkipTest", "skip", "xfail"})
"""What tests may use; the count of skips is watched apart."""
_HOOKS = ("pytest_runtest", "pytest_collection", "pytest_pyfunc", "pytest_sessionfinish", "pytest_report", "pytest_itemcollected")


@dataclass(frozen=True)
class Cheat:
    """A construct that was not there before."""

    line: int
    what: str
    why: str


def cheats(before: str, after: str, *, test: bool = False) -> tuple[Cheat, ...]:
    """Return the constructs that a file's new text has more often than its old one; none where it does not parse."""
    old = Counter(each.what for each in _found(before, test=test))
    found: list[Cheat] = []
    for each in _found(after, test=test):
        if old[each.what]:
            old[each.what] -= 1
        else:
            found.append(each)
    return tuple(found)


def _found(text: str, *, test: bool) -> list[Cheat]:
    try:
        return _seen(ast.parse(text), test=test)
    except (SyntaxError, ValueError):
        return []
    except (RecursionError, MemoryError):  # whatever else is in it, nobody would see
        return [Cheat(1, "deep nesting", "is nested too deeply to be looked through")]


def _seen(tree: ast.Module, *, test: bool) -> list[Cheat]:
    found = [each for node in ast.walk(tree) for each in _of(node, test=test)]
    if not test:
        found += [Cheat(node.lineno, "exit on import", "ends the process when it is imported") for node in _exits(tree)]
    return sorted(found, key=lambda each: (each.line, each.what))


def _of(node: ast.AST, *, test: bool) -> Iterator[Cheat]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from (each for each in _imported(node) if not (test and each.what in _IN_TESTS))
    elif isinstance(node, ast.Attribute):
        name = ast.unparse(node)
        if name in _ATTRIBUTES and not (test and name in _IN_TESTS):
            yield Cheat(node.lineno, name, _ATTRIBUTES[name])
        elif node.attr in _FRAMES:
            yield Cheat(node.lineno, node.attr, "looks at its callers")
    elif isinstance(node, ast.Compare | ast.Subscript | ast.Call) and _asks_for_pytest(node):
        yield Cheat(node.lineno, "pytest in sys.modules", "asks whether a test is running")
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in _WORDS:
        yield Cheat(node.lineno, node.value, _WORDS[node.value])
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from _function(node)
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Call):
        yield from _patched(node)


def _asks_for_pytest(node: ast.Compare | ast.Subscript | ast.Call) -> bool:
    """Tell whether something is looked up among the loaded modules, or found there, that only a test run loads."""
    parts = [node.left, *node.comparators] if isinstance(node, ast.Compare) else [*ast.iter_child_nodes(node)]
    words = (each.value for each in parts if isinstance(each, ast.Constant) and isinstance(each.value, str))
    told = any(each.partition(".")[0] in {"pytest", "_pytest", "pluggy", "unittest"} for each in words)
    return told and any(map(_is_modules, parts))


def _is_modules(node: ast.AST) -> bool:
    """Tell ``sys.modules``, and what is called or taken of it."""
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Attribute) and node.attr == "modules":
            return True
        node = node.func if isinstance(node, ast.Call) else node.value
    return False


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[Cheat]:
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
    for name in names:
        top = name.partition(".")[0]
        if top in _MODULES:
            yield Cheat(node.lineno, f"import {top}", _MODULES[top])
    if isinstance(node, ast.ImportFrom):
        for alias in node.names:
            full = f"{node.module}.{alias.name}"
            if full in _ATTRIBUTES:
                yield Cheat(node.lineno, full, _ATTRIBUTES[full])


def _function(node: FunctionNode) -> Iterator[Cheat]:
    if node.name in {"__eq__", "__ne__"} and _gives_constant(node):
        yield Cheat(node.lineno, f"constant {node.name}", "is equal, or unequal, to everything")
    if node.name.startswith(_HOOKS):
        yield Cheat(node.lineno, node.name, "changes how pytest runs or reports tests")


def _gives_constant(node: FunctionNode) -> bool:
    returns = [each for each in ast.walk(node) if isinstance(each, ast.Return)]
    return bool(returns) and all(isinstance(each.value, ast.Constant) and isinstance(each.value.value, bool) for each in returns)


def _patched(node: ast.Assign | ast.AugAssign | ast.Call) -> Iterator[Cheat]:
    why = "changes what built-in names mean"
    if isinstance(node, ast.Call):
        sets = isinstance(node.func, ast.Name) and node.func.id in {"setattr", "delattr"}
        if sets and node.args and _is_builtins(node.args[0]):
            yield Cheat(node.lineno, "patched builtins", why)
        return
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        owner = target.value if isinstance(target, ast.Attribute | ast.Subscript) else None
        if owner is not None and _is_builtins(owner):
            yield Cheat(node.lineno, "patched builtins", why)


def _is_builtins(node: ast.expr) -> bool:
    return ast.unparse(node).split(".")[0].split("[")[0] in {"builtins", "__builtins__"}


def _exits(tree: ast.Module) -> Iterator[ast.stmt]:
    """Statements at module level, outside a main guard, that end the process."""
    for node in tree.body:
        if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for each in ast.walk(node):
            if isinstance(each, ast.Call) and ast.unparse(each.func) in {"sys.exit", "exit", "quit"}:
                yield node
            if isinstance(each, ast.Raise) and each.exc is not None and "SystemExit" in ast.unparse(each.exc):
                yield node
