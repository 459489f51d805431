"""Templates on statements as they stand: deleted, moved, re-nested, returned instead of dropped."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.repair.source import FunctionNode, SourceFile
from bot.repair.template import Rewrite, Site, Template

_BLOCKS = ("body", "orelse", "finalbody")


def lines_of(file: SourceFile, node: ast.stmt) -> tuple[int, int] | None:
    """Return the offsets of the whole lines of a statement; None where it shares a line with another."""
    first = node.decorator_list[0].lineno if isinstance(node, FunctionNode) and node.decorator_list else node.lineno
    start, end = file.line_start(first), file.line_start((node.end_lineno or node.lineno) + 1)
    head = file.text[start : file.span(node)[0]]
    tail = file.text[file.span(node)[1] : end].split("#")[0]
    alone = not head.strip() or first != node.lineno
    return (start, end) if alone and not tail.strip() else None


def block_of(file: SourceFile, node: ast.stmt) -> tuple[list[ast.stmt], int] | None:
    """Return the block that holds a statement, and its place in it."""
    parent = file.parents.get(node)
    for name in _BLOCKS:
        block = getattr(parent, name, None)
        if isinstance(block, list) and node in block:
            return block, block.index(node)
    return None


def reindented(file: SourceFile, start: int, end: int, old: str, new: str) -> str:
    """Return whole lines with another indentation; lines inside strings stay as they are."""
    first = file.line_of(start)
    found: list[str] = []
    for at, line in enumerate(file.text[start:end].splitlines(keepends=True)):
        keep = first + at in file.strings or not line.startswith(old) or not line.strip()
        found.append(line if keep else new + line[len(old) :])
    return "".join(found)


def _is_docstring(site: Site) -> bool:
    node = site.statement
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _movable(site: Site) -> tuple[list[ast.stmt], int, tuple[int, int]] | None:
    place = block_of(site.file, site.statement)
    lines = lines_of(site.file, site.statement)
    if place is None or lines is None or _is_docstring(site) or isinstance(site.statement, FunctionNode | ast.ClassDef):
        return None
    if isinstance(site.file.parents.get(site.statement), ast.If) and site.file.text[
        site.file.span(site.statement)[0] :
    ].startswith("elif"):
        return None
    return *place, lines


def delete(site: Site) -> Iterator[Rewrite]:
    """A statement goes; an ``else`` goes; of an ``if`` the branch stays without its condition."""
    node, movable = site.statement, _movable(site)
    if movable is not None:
        block, _, (start, end) = movable
        if len(block) > 1:
            big = (node.end_lineno or node.lineno) - node.lineno > 2  # noqa: PLR2004 - more than a guard
            yield site.exact(start, end, "", 0.25 if big else 0.5 if isinstance(node, ast.Return) else 1.0)
        elif isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.Break | ast.Continue | ast.Return):
            first, last = site.file.span(node)
            yield site.exact(first, last, "pass", 0.5)
    if isinstance(node, ast.If | ast.For | ast.While) and node.orelse:
        body_end = site.file.line_start((node.body[-1].end_lineno or 0) + 1)
        end = site.file.line_start((node.orelse[-1].end_lineno or 0) + 1)
        yield site.exact(body_end, end, "", 0.3)


def unnest(site: Site) -> Iterator[Rewrite]:
    """The branch of an ``if`` always runs; statements after ``else`` run always."""
    node = site.statement
    movable = _movable(site)
    if not isinstance(node, ast.If | ast.While) or movable is None:
        return
    start, end = movable[2]
    inner = site.file.indent(node.body[0])
    outer = site.file.indent(node)
    if node.body[0].lineno == node.lineno:
        return
    first, last = site.file.line_start(node.body[0].lineno), site.file.line_start((node.body[-1].end_lineno or 0) + 1)
    yield site.exact(start, end, reindented(site.file, first, last, inner, outer), 0.5)
    if node.orelse and isinstance(node, ast.If) and node.orelse[0].lineno > (node.body[-1].end_lineno or 0) + 1:
        other = site.file.line_start(node.orelse[0].lineno)
        deep = site.file.indent(node.orelse[0])
        head = site.file.text[start:last]
        yield site.exact(start, end, head + reindented(site.file, other, end, deep, outer), 0.6)


def move(site: Site) -> Iterator[Rewrite]:
    """A statement changes places with the next one."""
    movable = _movable(site)
    if movable is None:
        return
    block, at, (start, _) = movable
    if at + 1 >= len(block) or isinstance(site.statement, ast.Return | ast.Break | ast.Continue | ast.Raise):
        return
    following = lines_of(site.file, block[at + 1])
    if following is None or isinstance(block[at + 1], FunctionNode | ast.ClassDef):
        return
    own = site.file.text[start : following[0]]
    yield site.exact(start, following[1], site.file.text[following[0] : following[1]] + own)


def outdent(site: Site) -> Iterator[Rewrite]:
    """The last statement of a block moves out of it, behind it; or the first in front of it."""
    movable = _movable(site)
    parent = site.file.parents.get(site.statement)
    if movable is None or not isinstance(parent, ast.If | ast.For | ast.While | ast.With | ast.Try):
        return
    block, at, (start, end) = movable
    inner, outer = site.file.indent(site.statement), site.file.indent(parent)
    if len(block) < 2 or site.statement.lineno == parent.lineno:  # noqa: PLR2004 - a block keeps one statement
        return
    whole = site.file.line_start((parent.end_lineno or 0) + 1)
    text = reindented(site.file, start, end, inner, outer)
    if at == len(block) - 1:
        yield site.exact(start, whole, site.file.text[end:whole] + text)
        beyond = site.file.parents.get(parent)
        if isinstance(beyond, ast.If | ast.For | ast.While) and isinstance(site.statement, ast.Return):
            last = site.file.line_start((beyond.end_lineno or 0) + 1)
            deep = reindented(site.file, start, end, inner, site.file.indent(beyond))
            yield site.exact(start, last, site.file.text[end:last] + deep, 0.7)
    if at == 0:
        head = site.file.line_start(parent.lineno)
        if not site.file.text[site.file.span(parent)[0] :].startswith("elif"):
            yield site.exact(head, end, text + site.file.text[head:start], 0.6)


def indent(site: Site) -> Iterator[Rewrite]:
    """A statement moves into the block in front of it, at its end."""
    movable = _movable(site)
    if movable is None:
        return
    block, at, (start, end) = movable
    if at == 0 or not isinstance(block[at - 1], ast.If | ast.For | ast.While):
        return
    before = block[at - 1]
    yield site.exact(start, end, _deeper(site, before, start, end))
    last = getattr(before, "orelse", None) or getattr(before, "body", [])
    if last and isinstance(last[-1], ast.If | ast.For | ast.While):
        yield site.exact(start, end, _deeper(site, last[-1], start, end), 0.7)


def _deeper(site: Site, block: ast.stmt, start: int, end: int) -> str:
    inner = (getattr(block, "orelse", None) or getattr(block, "body", []))[-1]
    return reindented(site.file, start, end, site.file.indent(site.statement), site.file.indent(inner))


def give_back(site: Site) -> Iterator[Rewrite]:
    """``f(x)`` becomes ``return f(x)``; ``yield`` and ``return`` change places; ``break`` becomes ``continue`` or ``return``."""
    node = site.statement
    start, end = site.file.span(node)
    text = site.file.text[start:end]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Name | ast.Compare | ast.BinOp):
        yield site.exact(start, start, "return ", 1.0 if _recursive(site, node.value) else 0.5)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield):
        yield site.exact(start, end, text.replace("yield", "return", 1), 0.3)
        yield site.exact(start, end, text.replace("yield", "yield from", 1), 0.7)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.YieldFrom):
        yield site.exact(start, end, text.replace("yield from", "yield", 1), 0.7)
    if isinstance(node, ast.Return) and node.value is not None:
        yield site.exact(start, end, text.replace("return", "yield", 1), 0.3)
    if isinstance(node, ast.Break | ast.Continue):
        yield site.exact(start, end, "continue" if text == "break" else "break")
        for name in site.routine.first_bound:
            yield site.exact(start, end, f"return {name}", 0.3)


def _recursive(site: Site, node: ast.expr) -> bool:
    name = getattr(getattr(node, "func", None), "id", "")
    return site.routine.node is not None and name == site.routine.node.name


def elif_if(site: Site) -> Iterator[Rewrite]:
    """``elif`` becomes ``if``, and an ``if`` behind another becomes ``elif``."""
    node = site.statement
    if not isinstance(node, ast.If):
        return
    start = site.file.span(node)[0]
    if site.file.text.startswith("elif", start):
        yield site.exact(start, start + 4, "if")
    else:
        place = block_of(site.file, node)
        if place and place[1] and isinstance(place[0][place[1] - 1], ast.If):
            yield site.exact(start, start + 2, "elif")


def loops(site: Site) -> Iterator[Rewrite]:
    """``if`` becomes ``while`` and back."""
    node = site.statement
    start = site.file.span(node)[0]
    if isinstance(node, ast.If) and not node.orelse and site.file.text.startswith("if", start):
        yield site.exact(start, start + 2, "while")
    if isinstance(node, ast.While):
        yield site.exact(start, start + 5, "if")


TEMPLATES = (
    Template("deleted statement", 3.0, statement=delete),
    Template("condition taken off", 1.5, statement=unnest),
    Template("order of statements", 2.0, statement=move),
    Template("statement moved out of its block", 3.0, statement=outdent),
    Template("statement moved into a block", 1.5, statement=indent),
    Template("return, yield, break", 4.0, statement=give_back),
    Template("elif", 2.5, statement=elif_if),
    Template("if and while", 1.0, statement=loops),
)
