"""The definitions of one Python file by their dotted names, read off the syntax tree; nothing is imported.

Shared by everything that speaks of "the functions this change touches": their lines, their parents, what they call.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.change.change import FileChange

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Definition:
    """A class or function and where it stands."""

    name: str
    """Dotted within its module: ``Class.method``, ``outer.inner``."""
    node: ast.ClassDef | Function
    first: int
    """First line, decorators included."""
    last: int

    @property
    def function(self) -> Function | None:
        """The node where it is a function."""
        return None if isinstance(self.node, ast.ClassDef) else self.node

    def touched_by(self, lines: frozenset[int]) -> bool:
        """Tell whether any of ``lines`` lies in it."""
        return any(self.first <= line <= self.last for line in lines)


@lru_cache(maxsize=128)
def parse(source: str) -> ast.Module | None:
    """Return the syntax tree; None where the source is no Python, or too deep to be read.

    Trees are shared between callers, who must not change them.
    """
    return _parse(source)


def _parse(source: str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def definitions(tree: ast.AST, prefix: str = "") -> Iterator[Definition]:
    """Yield every class and function in the source's order, nested ones after their parents; of equal names each one."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            name = f"{prefix}{node.name}"
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            yield Definition(name, node, first, node.end_lineno or node.lineno)
            yield from definitions(node, f"{name}.")
        elif isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from definitions(node, prefix)


def functions(tree: ast.AST) -> dict[str, Definition]:
    """Return the functions by dotted name; of several with one name (overloads, setters) the last."""
    return {each.name: each for each in definitions(tree) if each.function is not None}


def touched(source: str, lines: frozenset[int]) -> tuple[str, ...]:
    """Return the innermost definitions that ``lines`` lie in, in order; '' stands for the module's own level."""
    tree = parse(source)
    if tree is None:
        return ()
    found: dict[str, None] = {}
    everything = list(definitions(tree))
    for line in sorted(lines):
        inside = [each for each in everything if each.first <= line <= each.last]
        found[inside[-1].name if inside else ""] = None
    return tuple(found)


def touched_lines(file: FileChange) -> frozenset[int]:
    """Return the head's lines that are new, and those just before and after a place where lines went without others coming."""
    found = set(file.added_lines)
    for hunk in file.hunks:
        number = hunk.new_start
        before = ""
        for line in hunk.lines:
            if line.startswith(" ") and before == "-":
                found |= {number, max(1, number - 1)}
            before = line[0] if line[0] != "\\" else before
            number += before in " +" and line[0] != "\\"
        if before == "-":
            found.add(max(1, number - 1))
    return frozenset(found)


def bare(source: str) -> str | None:
    """Return the code without comments, docstrings and layout, so that equal code gives equal text; None for no Python."""
    tree = _parse(source)
    if tree is None:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(
            node, clean=False
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree)


def is_stub(function: Function) -> bool:
    """Tell whether a function is not written yet: nothing but a docstring, ``pass``, ``...`` or ``raise NotImplementedError``."""
    return all(_says_nothing(each) for each in function.body)


def _says_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Raise(exc=ast.Name(id="NotImplementedError") | ast.Call(func=ast.Name(id="NotImplementedError"))):
            return True
        case _:
            return False


_ROOTS: Final = frozenset({"src", "lib", "python"})
"""Folders at the top that are no packages: what is in them is imported without them."""


def module_name(path: str, packages: Container[str] = ()) -> str:
    """Return the dotted name a file is imported by: from above its outermost package, else from the root or its ``src``.

    ``packages`` are the folders that have an ``__init__.py``, where they are known.
    """
    parts = path.removesuffix(".py").split("/")
    top = len(parts) - 1
    while top > 0 and "/".join(parts[:top]) in packages:
        top -= 1
    if top == len(parts) - 1:
        top = 1 if top > 0 and parts[0] in _ROOTS else 0
    name = parts[top:]
    return ".".join(name[:-1] if name[-1] == "__init__" and len(name) > 1 else name)


def imports(tree: ast.Module, module: str, *, is_package: bool) -> set[str]:
    """Return the dotted names that a module imports, relative ones resolved, each with all its parents' members as candidates."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(node, module, is_package=is_package)
            found |= {origin, *(f"{origin}.{alias.name}" if origin else alias.name for alias in node.names)}
    return found


def _origin(node: ast.ImportFrom, module: str, *, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    cut = node.level - is_package
    parent = parts[: len(parts) - cut] if cut else parts
    return ".".join([*parent, *([node.module] if node.module else [])])
