"""The health of a tree before and after: counted from its text, so that both sides are measured alike."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.gate import GateResult

Function = ast.FunctionDef | ast.AsyncFunctionDef


def measure(files: Mapping[str, str]) -> dict[str, Any]:
    """Return the inventory of Python files (path -> text): sizes, documentation, annotations, broken files.

    ``documented`` and ``annotated`` are shares (0 to 1) of public functions, None where there are none.
    """
    code = {path: text for path, text in files.items() if path.endswith(".py")}
    trees = {path: _parse(text) for path, text in code.items()}
    nodes = _nodes(trees.values())
    functions = [node for node in nodes if isinstance(node, Function)]
    public = [each for each in functions if _is_public(each)]
    return {
        "python_files": len(code),
        "lines": sum(text.count("\n") + 1 for text in code.values()),
        "functions": len(functions),
        "classes": sum(isinstance(node, ast.ClassDef) for node in nodes),
        "test_functions": sum(each.name.startswith("test") for each in functions),
        "longest_function": max(map(_length, functions), default=0),
        "documented": _share([ast.get_docstring(each) is not None for each in public]),
        "annotated": _share([each.returns is not None for each in public]),
        "files_with_syntax_errors": sorted(path for path, tree in trees.items() if tree is None),
    }


MEASURED = {
    "tests": "tests",
    "coverage": "coverage",
    "complexity": "complexity",
    "types": "static_types",
    "vulnerabilities": "dependencies",
}
"""Which gate measures what of a side: its evidence's ``base`` or ``head`` entry."""


def health(gates: Sequence[GateResult], side: str) -> dict[str, Any]:
    """Return what the gates measured of one side (``base`` or ``head``), and for the rest why it was not measured."""
    known = {each.name: each for each in gates}
    return {part: _measured(known.get(gate), gate, side) for part, gate in MEASURED.items()}


def _measured(result: GateResult | None, gate: str, side: str) -> Mapping[str, Any]:
    if result is None:
        return {"not_measured": f"the gate {gate} was not asked"}
    found = result.evidence.get(side)
    return found if isinstance(found, Mapping) else {"not_measured": f"{gate}: {result.summary}"}


def _parse(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _nodes(trees: Iterable[ast.Module | None]) -> list[ast.AST]:
    """Return what stands in the files that parse."""
    return [node for tree in trees if tree is not None for node in ast.walk(tree)]


def _is_public(function: Function) -> bool:
    return not function.name.startswith("_") and not function.name.startswith("test")


def _length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _share(marks: list[bool]) -> float | None:
    return round(sum(marks) / len(marks), 4) if marks else None
