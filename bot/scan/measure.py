"""How complicated functions are, read off the syntax tree, and by complexipy for cognitive complexity.

Cyclomatic: decisions plus one (McCabe 1976), counted by statements as ruff and flake8 do, so that one limit suits both.
Cognitive: Campbell's count, in which nesting weighs (SonarSource 2018). Lines do not count decorators and docstrings.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.change.outline import Definition, Function, definitions, parse
from bot.lab import Lab
from bot.scan.tool import ask_script, batches, broken, relative, shielded

_DECISIONS: Final = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.match_case,
)
_OWN_SCOPE: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SCRIPT: Final = """
import json, sys
from complexipy import file_complexity
found = {}
for path in sys.argv[1:]:
    try:
        measured = file_complexity(path)
    except Exception as error:
        found[path] = {"error": str(error)}
    else:
        found[path] = {"functions": [[each.name, each.line_start, each.complexity] for each in measured.functions]}
json.dump(found, sys.stdout)
"""


@dataclass(frozen=True)
class Measured:
    """One function's figures."""

    definition: Definition
    cyclomatic: int
    lines: int
    documented: bool
    public: bool


def measure(source: str) -> dict[str, Measured]:
    """Return the functions of a file by dotted name; none for no Python."""
    tree = parse(source)
    found: dict[str, Measured] = {}
    for definition in definitions(tree) if tree else ():
        node = definition.function
        if node is not None:
            public = not any(part.startswith("_") for part in definition.name.split("."))
            documented = ast.get_docstring(node, clean=False) is not None
            found[definition.name] = Measured(definition, cyclomatic(node), _lines(node), documented, public)
    return found


def cyclomatic(function: Function) -> int:
    """Return the number of independent paths through a function, nested functions aside."""
    count = 1
    todo: list[ast.AST] = list(function.body)
    while todo:
        node = todo.pop()
        if isinstance(node, _OWN_SCOPE):
            continue
        count += isinstance(node, _DECISIONS)
        todo += ast.iter_child_nodes(node)
    return count


def cognitive(lab: Lab, root: Path, paths: Iterable[str]) -> dict[str, dict[int, int]]:
    """Return per file the functions' cognitive complexity by the line they start on; files that it cannot parse are left out.

    Raises:
        ToolFailed: complexipy crashed or its answer cannot be read.
    """
    found: dict[str, dict[int, int]] = {}
    for batch in batches(paths):
        done = ask_script(lab, root, _SCRIPT, shielded(batch))
        try:
            answer: dict[str, Any] = json.loads(done.stdout) if done.code == 0 else {"": None}
            found |= {relative(path, root): _by_line(each) for path, each in answer.items() if "error" not in each}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise broken("complexipy", done) from error
    return found


def _by_line(answer: Mapping[str, list[list[object]]]) -> dict[int, int]:
    return {int(str(line)): int(str(complexity)) for _name, line, complexity in answer["functions"]}


def inheritance(name: str, bases: Mapping[str, tuple[str, ...]]) -> int:
    """Return how many classes of the project lie on the longest way up from ``name``, itself included."""
    return _depth(name, bases, frozenset())


def class_bases(sources: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the project's classes and the plain names of their bases; of equal names the first counts."""
    found: dict[str, tuple[str, ...]] = {}
    for source in sources:
        tree = parse(source) if "class " in source else None
        for definition in definitions(tree) if tree else ():
            if isinstance(definition.node, ast.ClassDef):
                found.setdefault(definition.node.name, tuple(filter(None, map(_base, definition.node.bases))))
    return found


def _depth(name: str, bases: Mapping[str, tuple[str, ...]], seen: frozenset[str]) -> int:
    if name not in bases or name in seen:
        return 0
    return 1 + max((_depth(base, bases, seen | {name}) for base in bases[name]), default=0)


def _base(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(value=ast.Name(id=name)):
            return name
        case _:
            return ""


def _lines(function: Function) -> int:
    whole = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        whole -= (first.end_lineno or first.lineno) - first.lineno + 1
    return whole
