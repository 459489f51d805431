"""The health of a tree before and after: counted from its text, so that both sides are measured alike."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef


def measure(files: Mapping[str, str]) -> dict[str, Any]:
    """Return the inventory of Python files (path -> text): sizes, documentation, annotations, broken files.

    ``documented`` and ``annotated`` are shares (0 to 1) of public functions, None where there are none.
    """
    code = {path: text for path, text in files.items() if path.endswith(".py")}
    trees = {path: _parse(text) for path, text in code.items()}
    nodes = list(chain.from_iterable(ast.walk(tree) for tree in trees.values() if tree is not None))
    functions = [node for node in nodes if isinstance(node, Function)]
    public = [each for each in functions if not each.name.startswith("_") and not each.name.startswith("test")]
    return {
        "python_files": len(code),
        "lines": sum(text.count("\n") + 1 for text in code.values()),
        "functions": len(functions),
        "classes": sum(isinstance(node, ast.ClassDef) for node in nodes),
        "test_functions": sum(each.name.startswith("test") for each in functions),
        "longest_function": max(((each.end_lineno or each.lineno) - each.lineno + 1 for each in functions), default=0),
        "documented": _share([ast.get_docstring(each) is not None for each in public]),
        "annotated": _share([each.returns is not None for each in public]),
        "files_with_syntax_errors": sorted(path for path, tree in trees.items() if tree is None),
    }


def judged(gates: Mapping[str, Mapping[str, Any]], side: str) -> Iterator[tuple[str, Any]]:
    """Yield what the gates measured of one side: their evidence's ``base`` or ``head`` entry, by gate."""
    for name, evidence in gates.items():
        if side in evidence:
            yield name, evidence[side]


def _parse(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _share(marks: list[bool]) -> float | None:
    return round(sum(marks) / len(marks), 4) if marks else None
