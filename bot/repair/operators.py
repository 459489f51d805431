"""Templates on operators: comparison, arithmetic, boolean and sign."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import MappingProxyType

from bot.repair.kinds import NUMBERS, SEQUENCES
from bot.repair.source import BINARY, COMPARE, NOT, SIGN, Fragment, join
from bot.repair.template import Rewrite, Site, Template

_CLOSE = MappingProxyType(
    {
        "<": {"<=": 1.0, ">": 0.7, ">=": 0.5, "==": 0.4, "!=": 0.4},
        "<=": {"<": 1.0, ">=": 0.7, ">": 0.5, "==": 0.4, "!=": 0.3},
        ">": {">=": 1.0, "<": 0.7, "<=": 0.5, "==": 0.4, "!=": 0.4},
        ">=": {">": 1.0, "<=": 0.7, "<": 0.5, "==": 0.4, "!=": 0.3},
        "==": {"!=": 0.9, ">=": 0.5, "<=": 0.5, ">": 0.5, "<": 0.5, "in": 0.1},
        "!=": {"==": 0.9, ">": 0.4, "<": 0.4, ">=": 0.3, "<=": 0.3},
        "in": {"not in": 0.9, "==": 0.15},
        "not in": {"in": 0.9, "!=": 0.15},
        "is": {"is not": 0.8, "==": 0.5},
        "is not": {"is": 0.8, "!=": 0.5},
    }
)
_ARITHMETIC = MappingProxyType(
    {
        "+": {"-": 1.0, "*": 0.6, "//": 0.2, "/": 0.2, "%": 0.2, "|": 0.1},
        "-": {"+": 1.0, "*": 0.3, "/": 0.2, "//": 0.2, "%": 0.2},
        "*": {"+": 0.7, "**": 0.6, "/": 0.5, "//": 0.4, "-": 0.3, "%": 0.2},
        "/": {"//": 1.0, "*": 0.7, "%": 0.5, "-": 0.2},
        "//": {"/": 0.9, "%": 0.8, "*": 0.4, "-": 0.2},
        "%": {"//": 0.9, "/": 0.5, "*": 0.3, "-": 0.3},
        "**": {"*": 1.0, "//": 0.2, "+": 0.2},
        "&": {"|": 1.0, "^": 0.8, "-": 0.1},
        "|": {"&": 1.0, "^": 0.8, "+": 0.1},
        "^": {"&": 1.0, "|": 1.0, "**": 0.4},
        "<<": {">>": 1.0},
        ">>": {"<<": 1.0},
    }
)
_SET_LIKE = {"-": "&|^", "&": "|-^", "|": "&-^", "^": "&|-"}
_AUGMENTED = MappingProxyType({**_ARITHMETIC})


def comparison(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``a < b`` becomes ``a <= b``."""
    if not isinstance(node, ast.Compare):
        return
    operands = [node.left, *node.comparators]
    symbols = [COMPARE[type(each)] for each in node.ops]
    for at, symbol in enumerate(symbols):
        for other, prior in _CLOSE[symbol].items():
            changed = [*symbols[:at], other, *symbols[at + 1 :]]
            mixed = len({each[0] for each in changed if each[0] in "<>"}) > 1
            yield site.expression(node, _compare(site, operands, changed), prior * (0.1 if mixed else 1.0))


def _compare(site: Site, operands: list[ast.expr], symbols: list[str]) -> Fragment:
    text = site.fragment(operands[0]).inside(6)
    for symbol, operand in zip(symbols, operands[1:], strict=True):
        text += f" {symbol} {site.fragment(operand).inside(6)}"
    return Fragment(text, 5)


def compare_swap(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``a in b`` becomes ``b in a``; a chain loses one of its ends."""
    if not isinstance(node, ast.Compare):
        return
    operands, symbols = [node.left, *node.comparators], [COMPARE[type(each)] for each in node.ops]
    if len(symbols) == 1 and symbols[0] in {"in", "not in"}:
        yield site.expression(node, _compare(site, operands[::-1], symbols))
    if len(symbols) > 1:
        yield site.expression(node, _compare(site, operands[1:], symbols[1:]), 0.5)
        yield site.expression(node, _compare(site, operands[:-1], symbols[:-1]), 0.5)


def arithmetic(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``a + b`` becomes ``a - b``."""
    if not isinstance(node, ast.BinOp):
        return
    symbol = BINARY[type(node.op)][0]
    left, right = site.fragment(node.left), site.fragment(node.right)
    numeric = {site.routine.kinds.kind(node.left), site.routine.kinds.kind(node.right)}
    for other, prior in _ARITHMETIC.get(symbol, {}).items():
        sensible = 0.15 if numeric & SEQUENCES and other not in {"+", "*"} else 1.0
        yield site.expression(node, join(left, other, right), prior * sensible)
    if "set" in numeric:
        for other in _SET_LIKE.get(symbol, ""):
            yield site.expression(node, join(left, other, right), 0.8)


def regroup(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``a + b * c`` becomes ``(a + b) * c``, and back."""
    if not isinstance(node, ast.BinOp):
        return
    outer = BINARY[type(node.op)][0]
    if isinstance(node.right, ast.BinOp):
        inner = BINARY[type(node.right.op)][0]
        first = join(site.fragment(node.left), outer, site.fragment(node.right.left))
        yield site.expression(node, join(first, inner, site.fragment(node.right.right)))
    if isinstance(node.left, ast.BinOp):
        inner = BINARY[type(node.left.op)][0]
        last = join(site.fragment(node.left.right), outer, site.fragment(node.right))
        yield site.expression(node, join(site.fragment(node.left.left), inner, last))


def swap_operands(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``a - b`` becomes ``b - a``."""
    if not isinstance(node, ast.BinOp):
        return
    kinds = {site.routine.kinds.kind(node.left), site.routine.kinds.kind(node.right)}
    symbol = BINARY[type(node.op)][0]
    if symbol in {"*", "&", "|", "^"} or (symbol == "+" and kinds & NUMBERS):
        return
    yield site.expression(node, join(site.fragment(node.right), symbol, site.fragment(node.left)))


def drop_operand(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``a + b`` becomes ``a``, or ``b``."""
    if isinstance(node, ast.BinOp):
        small = isinstance(node.right, ast.Constant | ast.Name)
        yield site.expression(node, site.fragment(node.left), 1.0 if small else 0.6)
        yield site.expression(node, site.fragment(node.right), 0.5)


def boolean(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``a and b`` becomes ``a or b``; in a longer chain also at one place only."""
    if not isinstance(node, ast.BoolOp):
        return
    symbol, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    parts = [site.fragment(each) for each in node.values]
    yield site.expression(node, _chain(parts, other))
    for at in range(1, len(parts)) if len(parts) > 2 else ():  # noqa: PLR2004 - of two, both change
        yield site.expression(node, join(_chain(parts[:at], symbol), other, _chain(parts[at:], symbol)), 0.3)


def _chain(parts: list[Fragment], symbol: str) -> Fragment:
    if len(parts) == 1:
        return parts[0]
    binds = 3 if symbol == "and" else 2
    return Fragment(f" {symbol} ".join(each.inside(binds + 1) for each in parts), binds)


def drop_condition(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``a and b and c`` becomes ``a and c``."""
    if not isinstance(node, ast.BoolOp):
        return
    symbol = "and" if isinstance(node.op, ast.And) else "or"
    parts = [site.fragment(each) for each in node.values]
    for at in range(len(parts)):
        yield site.expression(node, _chain(parts[:at] + parts[at + 1 :], symbol))


def negate(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A condition gets, or loses, its ``not``."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield site.expression(node, site.fragment(node.operand))
        return
    if not _is_condition(site, node) or isinstance(node, ast.Constant):
        return
    simple = isinstance(node, ast.Compare) and len(node.ops) == 1
    yield site.expression(node, Fragment(f"not {site.fragment(node).inside(NOT)}", NOT), 0.3 if simple else 1.0)


def _is_condition(site: Site, node: ast.expr) -> bool:
    parent = site.file.parents.get(node)
    if isinstance(parent, ast.If | ast.While | ast.IfExp | ast.Assert):
        return parent.test is node
    if isinstance(parent, ast.comprehension):
        return node in parent.ifs
    return isinstance(parent, ast.BoolOp) or site.routine.kinds.kind(node) == "bool"


def sign(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A number gets, or loses, its minus."""
    if isinstance(node, ast.UnaryOp):
        if isinstance(node.op, ast.USub | ast.Invert):
            yield site.expression(node, site.fragment(node.operand))
        return
    kind = site.routine.kinds.kind(node)
    if isinstance(node, ast.Name | ast.Call | ast.Subscript | ast.BinOp) and kind in {"", *NUMBERS} and _is_value(node):
        prior = 1.0 if kind in NUMBERS else 0.3
        yield site.expression(node, Fragment(f"-{site.fragment(node).inside(SIGN)}", SIGN), prior)


def _is_value(node: ast.expr) -> bool:
    return isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


def augmented(site: Site) -> Iterator[Rewrite]:
    """``a += b`` becomes ``a -= b``, or ``a = b``; ``a = b`` becomes ``a += b``."""
    node = site.statement
    if isinstance(node, ast.AugAssign):
        symbol = BINARY[type(node.op)][0]
        start, end = site.file.span(node.target)[1], site.file.span(node.value)[0]
        between = site.file.text[start:end]
        for other, prior in _AUGMENTED.get(symbol, {}).items():
            yield site.exact(start, end, between.replace(f"{symbol}=", f"{other}=", 1), prior)
        yield site.exact(start, end, between.replace(f"{symbol}=", "=", 1), 0.6)
    elif (
        isinstance(node, ast.Assign)
        and len(node.targets) == 1
        and isinstance(node.targets[0], ast.Name | ast.Subscript | ast.Attribute)
    ):
        start, end = site.file.span(node.targets[0])[1], site.file.span(node.value)[0]
        between = site.file.text[start:end]
        for symbol, prior in (("+", 0.7), ("-", 0.4), ("*", 0.2), ("&", 0.1), ("|", 0.1)):
            yield site.exact(start, end, between.replace("=", f"{symbol}=", 1), prior)


TEMPLATES = (
    Template("comparison operator", 10.0, comparison),
    Template("comparison operands", 2.0, compare_swap),
    Template("arithmetic operator", 9.0, arithmetic),
    Template("operator precedence", 2.0, regroup),
    Template("swapped operands", 4.0, swap_operands),
    Template("dropped operand", 6.0, drop_operand),
    Template("boolean operator", 8.0, boolean),
    Template("dropped condition", 5.0, drop_condition),
    Template("negated condition", 6.0, negate),
    Template("sign", 1.0, sign),
    Template("assignment operator", 8.0, statement=augmented),
)
