"""Templates on whole conditions: one more conjunct or disjunct, another condition, always true or false."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.repair.kinds import NUMBERS, SIZED, compatible
from bot.repair.routine import names_in
from bot.repair.source import COMPARISON, NOT, SUM, Fragment, join
from bot.repair.template import Rewrite, Site, Template

MOST_CONDITIONS = 90
"""Conditions made up for one place."""


def tests_of(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield the conditions in a statement's own head or body of expressions."""
    if isinstance(statement, ast.If | ast.While | ast.Assert):
        yield statement.test
    for node in ast.walk(statement) if not isinstance(statement, ast.FunctionDef | ast.ClassDef) else ():
        if isinstance(node, ast.IfExp):
            yield node.test
        elif isinstance(node, ast.comprehension):
            yield from node.ifs
        elif isinstance(node, ast.stmt) and node is not statement:
            return
    if isinstance(statement, ast.Return) and isinstance(statement.value, ast.Compare | ast.BoolOp | ast.Call | ast.UnaryOp):
        yield statement.value


def made_up(site: Site, node: ast.expr) -> Iterator[tuple[Fragment, float]]:
    """Yield conditions on the variables at hand, likeliest first: emptiness, zero, comparisons of two of one kind."""
    routine = site.routine
    names = routine.visible(node, node.lineno)
    kinds = {name: routine.kinds.of.get(name, "") for name in names}
    ranked: list[tuple[Fragment, float]] = []
    for name, natural in names.items():
        ranked += [(each, prior * natural) for each, prior in _alone(name, kinds[name])]
        for other in names:
            if name < other:
                fit = compatible(kinds[name], kinds[other])
                ranked += [(each, prior * natural * fit) for each, prior in _together(name, other, kinds[name], kinds[other])]
    ranked.sort(key=lambda each: -each[1])
    yield from ranked[:MOST_CONDITIONS]


def _alone(name: str, kind: str) -> Iterator[tuple[Fragment, float]]:
    yield Fragment(f"not {name}", NOT), 0.8 if kind in SIZED or not kind else 0.3
    yield Fragment(name), 0.6 if kind in SIZED or not kind else 0.3
    if kind in {"", *NUMBERS}:
        for text, prior in (
            ("== 0", 0.7),
            ("> 0", 0.5),
            ("< 0", 0.6),
            ("== 1", 0.6),
            ("<= 1", 0.3),
            ("< 2", 0.3),
            ("> 1", 0.3),
            ("!= 0", 0.3),
        ):
            yield Fragment(f"{name} {text}", COMPARISON), prior * (1.0 if kind else 0.5)
        yield Fragment(f"{name} % 2 == 0", COMPARISON), 0.3
        yield Fragment(f"{name} % 2 == 1", COMPARISON), 0.3
    if kind in SIZED:
        for text in ("== 1", "> 1", "< 2", "> 2"):
            yield Fragment(f"len({name}) {text}", COMPARISON), 0.4
    yield Fragment(f"{name} is None", COMPARISON), 0.3 if not kind else 0.1
    yield Fragment(f"{name} is not None", COMPARISON), 0.3 if not kind else 0.1


def _together(one: str, other: str, kind: str, second: str) -> Iterator[tuple[Fragment, float]]:
    for symbol, prior in (("==", 0.5), ("!=", 0.5), ("<", 0.4), (">", 0.4), ("<=", 0.35), (">=", 0.35)):
        yield Fragment(f"{one} {symbol} {other}", COMPARISON), prior
    for left, right, container in ((one, other, second), (other, one, kind)):
        if container in {"list", "set", "dict", "str", "tuple", ""}:
            prior = 1.6 if container else 0.3
            yield Fragment(f"{left} in {right}", COMPARISON), 0.3 * prior
            yield Fragment(f"{left} not in {right}", COMPARISON), 0.3 * prior
        if container in {"list", "str", "tuple"}:
            for symbol in ("<", ">=", "=="):
                yield Fragment(f"{left} {symbol} len({right})", COMPARISON), 0.8


def with_donor(site: Site) -> Iterator[Rewrite]:
    """A condition gets one more conjunct or disjunct, or becomes another condition of the function."""
    for test in tests_of(site.statement):
        if test in site.file.in_format:
            continue
        inner = set(site.routine.inner_names(test))
        for other in site.routine.conditions:
            if other is test or (set(site.routine.inner_names(other)) - inner) & names_in(other):
                continue
            mine, donor = site.fragment(test), site.fragment(other)
            yield site.expression(test, join(mine, "and", donor), 0.8)
            yield site.expression(test, join(mine, "or", donor), 0.8)
            yield site.expression(test, donor, 0.6)
            if isinstance(other, ast.Compare):
                refused = Fragment(f"not {donor.inside(NOT)}", NOT)
                yield site.expression(test, join(mine, "and", refused), 0.3)


def with_made_up(site: Site) -> Iterator[Rewrite]:
    """A condition gets one more conjunct or disjunct, made up from the variables at hand."""
    for test in tests_of(site.statement):
        if test in site.file.in_format:
            continue
        mine = site.fragment(test)
        for other, prior in made_up(site, test):
            yield site.expression(test, join(mine, "and", other), prior)
            yield site.expression(test, join(mine, "or", other), prior)


def another(site: Site) -> Iterator[Rewrite]:
    """A condition becomes one made up from the variables at hand."""
    for test in tests_of(site.statement):
        if test not in site.file.in_format:
            for other, prior in made_up(site, test):
                yield site.expression(test, other, prior)


def fixed(site: Site) -> Iterator[Rewrite]:
    """A condition always holds, or never."""
    for test in tests_of(site.statement):
        if isinstance(test, ast.Constant) or isinstance(site.statement, ast.Return) or test in site.file.in_format:
            continue
        yield site.expression(test, Fragment("True"))
        if not isinstance(site.statement, ast.While):
            yield site.expression(test, Fragment("False"))


def compared_term(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``len(a) > n`` and ``a > n`` stand in for each other; one side gets another's difference or double."""
    if (
        not isinstance(node, ast.Compare)
        or len(node.ops) != 1
        or not isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE | ast.Eq)
    ):
        return
    right = site.fragment(node.comparators[0])
    for name, natural in site.routine.visible(node, node.lineno).items():
        if site.routine.kinds.of.get(name, "") in {"", *NUMBERS}:
            for symbol in "+-":
                yield site.expression(node.comparators[0], Fragment(f"{right.inside(SUM)} {symbol} {name}", SUM), 0.5 * natural)


TEMPLATES = (
    Template("condition from the function", 3.0, statement=with_donor),
    Template("one more condition", 1.2, statement=with_made_up),
    Template("another condition", 0.8, statement=another),
    Template("fixed condition", 1.0, statement=fixed),
    Template("compared value", 1.0, compared_term),
)
