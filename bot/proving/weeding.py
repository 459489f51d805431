"""Take test functions out of a file, with what only they used; everything else stays byte for byte. Pure."""

from __future__ import annotations

import ast
from collections.abc import Collection

from bot.change.outline import Definition, definitions, parse


def without(source: str, names: Collection[str]) -> str:
    """Return a test file's text without the named functions (``Class.test_x``), classes left empty and imports left unused.

    Source that is no Python stays as it is.
    """
    tree = parse(source)
    if tree is None:
        return source
    everything = list(definitions(tree))
    gone = [each for each in everything if each.name in names]
    gone += [each for each in everything if _is_emptied(each, gone)]
    lines = source.splitlines(keepends=True)
    for each in sorted(gone, key=lambda one: -one.first):
        _cut(lines, each.first, each.last)
    return _without_idle_imports("".join(lines), tree)


def _is_emptied(each: Definition, gone: Collection[Definition]) -> bool:
    """Tell whether a class has nothing left but words."""
    if not isinstance(each.node, ast.ClassDef):
        return False
    nodes = [one.node for one in gone]
    left = [one for one in each.node.body if one not in nodes and not isinstance(one, ast.Pass)]
    return len(left) < len(each.node.body) and all(
        isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant) for one in left
    )


def _cut(lines: list[str], first: int, last: int) -> None:
    """Take lines (from 1) away, and the blank ones before them."""
    start = first - 1
    while start > 0 and not lines[start - 1].strip():
        start -= 1
    lines[start:last] = [""] * (last - start)


def _without_idle_imports(source: str, before: ast.Module) -> str:
    tree = parse(source)
    if tree is None:
        return source
    idle = _used(before) - _used(tree)
    lines = source.splitlines(keepends=True)
    for node in reversed(tree.body):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        kept = [each for each in node.names if (each.asname or each.name.partition(".")[0]) not in idle]
        if len(kept) < len(node.names):
            _shorten(lines, node, kept)
    return "".join(lines)


def _shorten(lines: list[str], node: ast.Import | ast.ImportFrom, kept: list[ast.alias]) -> None:
    """Let an import bring in only what is kept; where that is nothing, it goes."""
    first, last = node.lineno - 1, node.end_lineno or node.lineno
    if not kept and (first == 0 or not lines[first - 1].strip()) and last < len(lines) and not lines[last].strip():
        last += 1  # it was a block of its own: no gap stays where it stood
    lines[first:last] = [f"{ast.unparse(_with(node, kept))}\n"] if kept else []


def _used(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _with(node: ast.Import | ast.ImportFrom, names: list[ast.alias]) -> ast.Import | ast.ImportFrom:
    return ast.Import(names) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, names, node.level)


def has_tests(source: str) -> bool:
    """Tell whether a file has any test function."""
    tree = parse(source)
    return tree is not None and any(
        each.function and each.name.rpartition(".")[2].startswith("test") for each in definitions(tree)
    )
