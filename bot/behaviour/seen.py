"""Calls of a project's functions that people already wrote down: in tests, and in docstrings.

Only calls whose arguments are literals (after names bound to literals, and parametrised values, are filled in) can be
made again elsewhere, so only those are read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.harness.harness import Call

MOST_ROWS = 40
"""Parametrised rows read from one test."""


def seen_calls(test_source: str, module: str, names: frozenset[str] = frozenset()) -> tuple[Call, ...]:
    """Return the calls of ``module``'s functions and methods in a test file, in its order, without repeats.

    ``names`` are the module's public names: needed only where the tests import them with a star.
    A file that does not parse has none.
    """
    try:
        tree = ast.parse(test_source)
    except (SyntaxError, ValueError):
        return ()
    imports = _imports(tree, module, names)
    found: dict[Call, None] = {}
    for function in _functions(tree):
        for bound in _bindings(function):
            for call in _calls_in(function, imports, module, bound):
                found.setdefault(call)
    return tuple(found)


def docstring_calls(source: str, module: str) -> tuple[Call, ...]:
    """Return the calls of functions that their own docstrings show (``>>> f(1)``, ``f(1) ==> 2``, ``f(1) returns 2``)."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return ()
    found: dict[Call, None] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for call in calls_in_text(ast.get_docstring(node) or "", node.name):
                made = _call_of(call, {}, module, node.name)
                if made:
                    found.setdefault(made)
    return tuple(found)


def calls_in_text(text: str, name: str) -> Iterator[ast.Call]:
    """Yield each well-formed call of ``name`` in running text."""
    for match in re.finditer(rf"(?<![\w.]){re.escape(name)}\(", text):
        for end in _closings(text, match.end()):
            try:
                parsed = ast.parse(text[match.start() : end], mode="eval").body
            except (SyntaxError, ValueError):
                continue
            if isinstance(parsed, ast.Call):
                yield parsed
            break


def _closings(text: str, start: int) -> Iterator[int]:
    """Yield the first few offsets behind a closing parenthesis: one of them ends the call, whatever strings hold."""
    position = start
    for _ in range(12):
        position = text.find(")", position) + 1
        if not position:
            return
        yield position


@dataclass
class _Imports:
    """How a test file names the module's things: bare name -> qualname, and names bound to the module itself."""

    bare: dict[str, str] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)


def _imports(tree: ast.Module, module: str, names: frozenset[str]) -> _Imports:
    found = _Imports()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.modules |= {alias.asname or alias.name for alias in node.names if alias.name == module}
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                _import_from(found, node, alias, module, names)
    return found


def _import_from(found: _Imports, node: ast.ImportFrom, alias: ast.alias, module: str, names: frozenset[str]) -> None:
    if f"{node.module}.{alias.name}" == module:
        found.modules.add(alias.asname or alias.name)
    elif _same_module(node, module) and alias.name == "*":
        found.bare.update({name: name for name in names})
    elif _same_module(node, module):
        found.bare[alias.asname or alias.name] = alias.name


def _same_module(node: ast.ImportFrom, module: str) -> bool:
    """Also the package that re-exports the module's names (``from pkg import f`` for ``pkg.part``)."""
    return bool(node.module) and (node.module == module or module.startswith(f"{node.module}."))


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.Module]:
    yield tree
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _bindings(function: ast.AST) -> Iterator[Mapping[str, Any]]:
    """Yield what names stand for: once for an ordinary test, once per row for a parametrised one."""
    fixed = _literal_names(function)
    rows = _parametrised(function)
    for row in rows[:MOST_ROWS] or [{}]:
        yield {**fixed, **row}


def _literal_names(function: ast.AST) -> dict[str, Any]:
    """Names assigned exactly once, to a literal; or to ``Class(literals)``, kept as that syntax."""
    found: dict[str, Any] = {}
    twice: set[str] = set()
    for node in _own(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name in found:
                twice.add(name)
            known, value = _literal(node.value, {})
            found[name] = value if known else node.value
    return {name: value for name, value in found.items() if name not in twice}


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """Walk a function, or a module's top level, without the functions inside."""
    todo: list[ast.AST] = list(ast.iter_child_nodes(function))
    while todo:
        node = todo.pop(0)
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            todo.extend(ast.iter_child_nodes(node))


def _parametrised(function: ast.AST) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [{}]
    for decorator in getattr(function, "decorator_list", ()):
        if not (isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("parametrize")):
            continue
        more = _rows(decorator)
        rows = [{**row, **extra} for row in rows for extra in more][:MOST_ROWS] if more else rows
    return [row for row in rows if row]


def _rows(decorator: ast.Call) -> list[dict[str, Any]]:
    named, table = (*decorator.args, None, None)[:2]
    if named is None or not isinstance(table, ast.List | ast.Tuple):
        return []
    known, value = _literal(named, {})
    names = [part.strip() for part in value.split(",")] if isinstance(value, str) else list(value) if known else []
    single = isinstance(value, str) and len(names) == 1
    rows = (_cells(element, single=single) for element in table.elts)
    fitting = (cells for cells in rows if isinstance(cells, list | tuple) and len(cells) == len(names))
    return [dict(zip(names, cells, strict=True)) for cells in fitting]


def _cells(element: ast.expr, *, single: bool) -> Any:
    """Return a row's values, one for each name; a ``single`` name's stands bare. None where the row is no literal."""
    if isinstance(element, ast.Call) and ast.unparse(element.func).endswith("param"):
        return _literal(ast.Tuple(element.args, ast.Load()), {})[1]
    known, value = _literal(element, {})
    return (value,) if known and single else value


def _calls_in(function: ast.AST, imports: _Imports, module: str, bound: Mapping[str, Any]) -> Iterator[Call]:
    for node in _own(function):
        if not isinstance(node, ast.Call):
            continue
        made = _function_call(node, imports, module, bound) or _method_call(node, imports, module, bound)
        if made:
            yield made


def _qualname(func: ast.expr, imports: _Imports) -> str | None:
    if isinstance(func, ast.Name):
        return imports.bare.get(func.id)
    if isinstance(func, ast.Attribute):
        if ast.unparse(func.value) in imports.modules:
            return func.attr
        owner = _qualname(func.value, imports)
        return f"{owner}.{func.attr}" if owner else None
    return None


def _function_call(node: ast.Call, imports: _Imports, module: str, bound: Mapping[str, Any]) -> Call | None:
    qualname = _qualname(node.func, imports)
    return _call_of(node, bound, module, qualname) if qualname else None


def _method_call(node: ast.Call, imports: _Imports, module: str, bound: Mapping[str, Any]) -> Call | None:
    """``Class(1).method(2)``, or ``it.method(2)`` where ``it = Class(1)``."""
    if not isinstance(node.func, ast.Attribute):
        return None
    owner: Any = node.func.value
    if isinstance(owner, ast.Name):
        owner = bound.get(owner.id)
    if not isinstance(owner, ast.Call):
        return None
    cls = _qualname(owner.func, imports)
    made = _call_of(owner, bound, module, cls) if cls else None
    if made is None or made.keywords != "{}":
        return None
    return _call_of(node, bound, module, f"{cls}.{node.func.attr}", receiver=made.arguments)


def _call_of(node: ast.Call, bound: Mapping[str, Any], module: str, qualname: str, *, receiver: str | None = None) -> Call | None:
    fine, values = _literals(node.args, bound)
    if not fine or any(keyword.arg is None for keyword in node.keywords):
        return None
    fine, named = _literals([keyword.value for keyword in node.keywords], bound)
    if not fine:
        return None
    keywords = {str(keyword.arg): value for keyword, value in zip(node.keywords, named, strict=True)}
    arguments = repr(tuple(values))
    return Call(module, qualname, arguments, repr(keywords), receiver) if is_literal(arguments) else None


def is_literal(text: str) -> bool:
    """Whether ``text`` is a Python literal that reads back (``nan`` and ``inf`` do not)."""
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
    return True


def _literals(nodes: Sequence[ast.expr], bound: Mapping[str, Any]) -> tuple[bool, list[Any]]:
    values = [_literal(node, bound) for node in nodes]
    return all(fine for fine, _ in values), [value for _, value in values]


def _literal(node: ast.expr, bound: Mapping[str, Any]) -> tuple[bool, Any]:
    if isinstance(node, ast.Name) and node.id in bound:
        value = bound[node.id]
        return (False, None) if isinstance(value, ast.AST) else (True, value)
    try:
        return True, ast.literal_eval(node)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False, None
