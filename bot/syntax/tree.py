"""Python text as an abstract tree, within bounds that keep hostile nesting away from parsers that would die of it."""

from __future__ import annotations

import ast
import warnings

MOST_DEPTH = 150
"""Levels of the tree; real code stays under 60. libcst's parser overflows the C stack of the process at a few thousand."""

MOST_WRITTEN = 250
"""Levels that Python's own writer of trees still follows: it calls itself three times for each, and may a thousand times."""


def parse(text: str, most: int = MOST_DEPTH) -> ast.Module | None:
    """Return the tree, or None where the text is no Python that this interpreter reads, or nested deeper than ``most`` levels."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    return tree if _depth_within(tree, most) else None


def _depth_within(tree: ast.AST, most: int) -> bool:
    level: list[ast.AST] = [tree]
    for _ in range(most):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return True
    return False
