"""Templates on numbers, booleans and ``None``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.repair.kinds import NUMBERS
from bot.repair.source import SUM, Fragment
from bot.repair.template import Rewrite, Site, Template

_USUAL = (0, 1, -1, 2)
_FAR = 1000


def number(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A number becomes a neighbour, a usual number, or one that the function or its docstring names."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, int | float) or isinstance(node.value, bool):
        return
    for value, prior in _instead(node.value, site.routine.numbers).items():
        yield site.expression(node, Fragment(repr(value), 12 if value < 0 else 14), prior)


def _instead(value: float, donors: tuple[int | float, ...]) -> dict[int | float, float]:
    """Return the numbers that may stand in the place of ``value``, each with the best of its priors."""
    priors: dict[int | float, float] = {}
    for other, prior in _offers(value, donors):
        if other != value or type(other) is not type(value):
            priors[other] = max(prior, priors.get(other, 0.0))
    return {other: prior for other, prior in priors.items() if abs(other) < max(_FAR, 20 * abs(value))}


def _offers(value: float, donors: tuple[int | float, ...]) -> Iterator[tuple[int | float, float]]:
    """Yield numbers with their priors; one may come several times, ``value`` itself among them."""
    yield from ((value + step, 1.0) for step in (1, -1))
    common = 0.7 if abs(value) <= 3 else 0.3  # noqa: PLR2004 - a small number is likelier another small one
    yield from ((usual, common) for usual in _USUAL)
    yield -value, 0.5
    yield from ((donor, 0.5) for donor in donors)
    yield from ((near, 0.25) for near in (value * 2, value * 10, value - 2, value + 2))
    if isinstance(value, int) and value and value % 10 == 0:
        yield value // 10, 0.3
    if isinstance(value, float):
        yield from ((tenth, 0.3) for tenth in (round(value + 0.1, 6), round(value - 0.1, 6), value / 10, int(value)))


def truth(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``True`` becomes ``False``, ``None`` a usual value."""
    if not isinstance(node, ast.Constant) or isinstance(node.value, str | bytes):
        return
    if isinstance(node.value, bool):
        yield site.expression(node, Fragment(repr(not node.value)))
        yield site.expression(node, Fragment("None"), 0.15)
    elif node.value is None:
        for text in ("[]", "0", "''", "False", "True", "{}", "1", "-1", "()"):
            yield site.expression(node, Fragment(text, 14), 0.3)
        yield from (site.expression(node, Fragment(name), 0.4) for name in site.routine.visible(node, node.lineno))
    elif node.value in {0, 1, -1} and isinstance(site.file.parents.get(node), ast.Return | ast.Assign):
        for text in ("None", "True", "False", "[]", "''"):
            yield site.expression(node, Fragment(text), 0.25)


def off_by_one(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``n`` becomes ``n + 1`` or ``n - 1``."""
    if isinstance(node, ast.Constant | ast.UnaryOp | ast.Starred | ast.Slice | ast.Lambda | ast.Compare | ast.BoolOp):
        return
    kind = site.routine.kinds.kind(node)
    if kind not in {"", *NUMBERS} or kind == "bool" or not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return
    prior = _needs_number(site, node, kind)
    if not prior:
        return
    text = site.fragment(node).inside(SUM)
    for symbol in "+-":
        yield site.expression(node, Fragment(f"{text} {symbol} 1", SUM), prior)


def _needs_number(site: Site, node: ast.expr, kind: str) -> float:
    parent = site.file.parents.get(node)
    if isinstance(parent, ast.Subscript | ast.Slice):
        return 1.0 if parent_index(parent, node) else 0.1
    if isinstance(parent, ast.Call):
        return _needs_number_in_call(parent, node, kind)
    if isinstance(parent, ast.Attribute | ast.comprehension | ast.For | ast.keyword | ast.Expr):
        return 0.0
    if isinstance(parent, ast.Compare) and isinstance(node, ast.Name):
        return 0.4 if kind else 0.2
    return 0.8 if kind else 0.25


def _needs_number_in_call(call: ast.Call, node: ast.expr, kind: str) -> float:
    if node is call.func:
        return 0.0
    if isinstance(call.func, ast.Name) and call.func.id == "range":
        return 1.0
    return 0.7 if kind else 0.3


def parent_index(parent: ast.Subscript | ast.Slice, node: ast.expr) -> bool:
    """Whether ``node`` stands where an index stands."""
    return isinstance(parent, ast.Slice) or parent.slice is node


def initial_value(site: Site) -> Iterator[Rewrite]:
    """``x = 0`` starts elsewhere: with a parameter, its first element, or an extreme."""
    node = site.statement
    if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.List | ast.UnaryOp)):
        return
    numeric = site.routine.kinds.kind(node.value) in NUMBERS
    for name in site.routine.visible(node.value, node.lineno):
        kind = site.routine.kinds.of.get(name, "")
        if kind in {"", "list", "tuple", "str"} and numeric:
            yield site.expression(node.value, Fragment(f"{name}[0]"), 0.6)
            yield site.expression(node.value, Fragment(f"len({name})"), 0.5)
        yield site.expression(node.value, Fragment(name), 0.4)
    if numeric:
        for text in ("float('-inf')", "float('inf')", "None"):
            yield site.expression(node.value, Fragment(text), 0.3)


TEMPLATES = (
    Template("number", 10.0, number),
    Template("truth value", 7.0, truth),
    Template("off by one", 7.0, off_by_one),
    Template("initial value", 2.5, statement=initial_value),
)
