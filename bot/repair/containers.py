"""Templates on subscripts, slices, displays and comprehensions, and on values that lack a term."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.repair.kinds import NUMBERS, SEQUENCES, compatible
from bot.repair.routine import names_in
from bot.repair.source import AND, ATOM, Fragment, join
from bot.repair.template import Rewrite, Site, Template

MOST_TERMS = 16
"""Values tried as a missing term of one expression."""


def subscript(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``a[i]`` becomes ``a``, ``a[i - 1]``, ``a[-1]``, ``a[:i]`` and the like."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return
    owner = site.fragment(node.value).inside(ATOM)
    if isinstance(node.slice, ast.Slice):
        yield from _slices(site, node, owner, node.slice)
        return
    yield site.expression(node, site.fragment(node.value), 0.5)
    index = site.file.segment(node.slice)
    for text, prior in (
        ("-1", 0.6),
        ("0", 0.6),
        (f"-{index}", 0.3),
        (f"{index}:", 0.4),
        (f":{index}", 0.4),
        (f"{index} + 1:", 0.2),
    ):
        if text != index:
            yield site.expression(node, Fragment(f"{owner}[{text}]"), prior)


def _slices(site: Site, node: ast.Subscript, owner: str, cut: ast.Slice) -> Iterator[Rewrite]:
    lower, upper, step = (site.file.segment(each) if each else "" for each in (cut.lower, cut.upper, cut.step))
    tail = f":{step}" if step else ""
    shapes = {
        f"{lower}:{upper}": 0.7,
        f":{upper}{tail}": 0.7,
        f"{lower}:{tail}": 0.7,
        f"{upper}:{lower}{tail}": 0.4,
        f"{lower}:{upper}:-1": 0.4,
        f"{lower}:{upper}:2": 0.3,
        "::-1": 0.3,
        **({f"{lower}:{upper} + 1{tail}": 0.9, f"{lower}:{upper} - 1{tail}": 0.7} if upper else {f"{lower}:-1{tail}": 0.5}),
        **({f"{lower} + 1:{upper}{tail}": 0.7, f"{lower} - 1:{upper}{tail}": 0.7} if lower else {f"1:{upper}{tail}": 0.5}),
    }
    if lower and upper:
        shapes[f"{lower}:{lower} + {upper}{tail}"] = 0.4
    for text, prior in shapes.items():
        if text.count(":") and f"[{text}]" != f"[{site.file.segment(cut)}]":
            yield site.expression(node, Fragment(f"{owner}[{text}]"), prior)
    yield site.expression(node, site.fragment(node.value), 0.6)


def cut(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``a`` becomes ``a[1:]``, ``a[:-1]``, ``a[i]``, ``a[i:]`` where ``a`` is a sequence."""
    kind = site.routine.kinds.kind(node)
    parent = site.file.parents.get(node)
    if kind not in {"", *SEQUENCES} or not isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call | ast.ListComp):
        return
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load) or isinstance(parent, ast.Attribute | ast.Expr):
        return
    if isinstance(parent, ast.Call) and parent.func is node:
        return
    owner, prior = site.fragment(node).inside(ATOM), 1.0 if kind else 0.4
    for text in ("1:", ":-1", ":"):
        yield site.expression(node, Fragment(f"{owner}[{text}]"), prior * 0.7)
    for name in site.routine.visible(node, node.lineno):
        if site.routine.kinds.of.get(name, "") in {"int", ""} and name not in names_in(node):
            for text in (name, f"{name}:", f":{name}", f"{name} + 1:", f":{name} + 1"):
                yield site.expression(node, Fragment(f"{owner}[{text}]"), prior * (0.5 if text == name else 0.35))


def elements(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A tuple's or list's elements are swapped or dropped."""
    if not isinstance(node, ast.Tuple | ast.List) or len(node.elts) < 2:  # noqa: PLR2004 - nothing to swap
        return
    for at, (one, other) in enumerate(zip(node.elts, node.elts[1:], strict=False)):
        start, end = site.file.span(one)[0], site.file.span(other)[1]
        between = site.file.text[site.file.span(one)[1] : site.file.span(other)[0]]
        yield site.exact(start, end, f"{site.file.segment(other)}{between}{site.file.segment(one)}", 1.0 if at < 3 else 0.3)  # noqa: PLR2004 - long tables
        yield site.exact(site.file.span(one)[1], end, "", 0.4)
    start, end = site.file.span(node.elts[0])[0], site.file.span(node.elts[1])[0]
    yield site.exact(start, end, "", 0.3)


def comprehension(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A comprehension's filter is dropped, or one is added; its innermost loop is dropped."""
    if not isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
        return
    for generator in node.generators:
        start = site.file.span(generator.iter)[1]
        for test in generator.ifs:
            first, last = site.file.span(test)
            keyword = site.file.text.rindex("if", start, first)
            yield site.exact(keyword - 1, last, "", 0.6)
        for text, prior in _filters(site, generator):
            yield site.exact(start, start, f" if {text}", prior)
    if len(node.generators) > 1 and not isinstance(node, ast.DictComp):
        yield from _one_loop_less(site, node)


def _one_loop_less(site: Site, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Iterator[Rewrite]:
    """The innermost loop goes, and what it went through is the element; of two loops over a list the first list alone stays."""
    *outer, last = node.generators
    through = names_in(last.iter)
    element = next(
        (each.target for each in reversed(outer) if isinstance(each.target, ast.Name) and each.target.id in through), None
    )
    if element is None:
        return
    if len(outer) == 1 and not outer[0].ifs and isinstance(node, ast.ListComp):
        yield site.expression(node, site.fragment(outer[0].iter), 0.5)
    else:
        yield site.expression(node, Fragment(ast.unparse(type(node)(element, outer))), 0.4)


def _filters(site: Site, generator: ast.comprehension) -> Iterator[tuple[str, float]]:
    if not isinstance(generator.target, ast.Name):
        return
    own = generator.target.id
    yield own, 0.5
    for name in site.routine.visible(generator.iter, generator.target.lineno):
        kind = site.routine.kinds.of.get(name, "")
        if kind in {"", "list", "set", "dict", "str", "tuple"}:
            yield f"{own} in {name}", 0.4
            yield f"{own} not in {name}", 0.4
        if kind in {"", *NUMBERS}:
            yield from ((f"{own} {symbol} {name}", 0.25) for symbol in ("!=", "<", ">", "=="))
    for text in (f"{own} > 0", f"{own} != 0", f"{own} % 2 == 0", f"{own} % 2 == 1", f"{own} is not None", f"{own} >= 0"):
        yield text, 0.3
    for condition in site.routine.conditions:
        if own in names_in(condition):
            yield site.fragment(condition).inside(AND), 0.4


def term(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A value gets the term it lacks: ``rest`` becomes ``first + rest``, ``a * b`` becomes ``a * b - c``."""
    parent = site.file.parents.get(node)
    if not _whole(parent, node):
        return
    kind = site.routine.kinds.kind(node)
    mine, place = site.fragment(node), 0.4 if isinstance(parent, ast.Compare) else 1.0
    for other, natural in _terms(site, node, kind):
        for symbol, prior in _symbols(kind):
            yield site.expression(node, join(mine, symbol, other), prior * natural * place)
            if symbol in {"-", "/"} or kind in {"", *SEQUENCES}:
                yield site.expression(node, join(other, symbol, mine), prior * natural * place)


def _whole(parent: ast.AST | None, node: ast.expr) -> bool:
    """Only where a value ends up somewhere: returned, assigned, yielded, passed on, indexed with, compared."""
    if isinstance(
        node, ast.Constant | ast.Starred | ast.Slice | ast.Lambda | ast.BoolOp | ast.Compare | ast.GeneratorExp | ast.Yield
    ):
        return False
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return False
    if isinstance(
        parent, ast.Return | ast.Assign | ast.AugAssign | ast.Yield | ast.Compare | ast.Tuple | ast.ListComp | ast.IfExp
    ):
        return True
    return isinstance(parent, ast.Call) and node is not parent.func


def _symbols(kind: str) -> tuple[tuple[str, float], ...]:
    if kind in SEQUENCES:
        return (("+", 1.0),)
    if kind in NUMBERS:
        return (("+", 1.0), ("-", 1.0), ("*", 0.6), ("%", 0.3), ("//", 0.2), ("/", 0.2))
    return (("|", 0.6), ("-", 0.6), ("&", 0.6)) if kind == "set" else (("+", 0.6), ("-", 0.3), ("*", 0.2))


def _terms(site: Site, node: ast.expr, kind: str) -> Iterator[tuple[Fragment, float]]:
    found: dict[str, tuple[Fragment, float]] = {}
    for name, natural in site.routine.visible(node, node.lineno).items():
        found[name] = Fragment(name), natural * compatible(kind, site.routine.kinds.of.get(name, ""))
        if kind in {"", "list"} and site.routine.kinds.of.get(name, "") != "list":
            found[f"[{name}]"] = Fragment(f"[{name}]"), 0.4 * natural
    if kind in {"", *NUMBERS}:
        for donor in site.routine.expressions:
            if site.routine.kinds.kind(donor) in {"", "int", "number", "float"} and site.fragment(donor).binds == ATOM:
                found.setdefault(site.file.segment(donor), (site.fragment(donor), 0.35))
    ranked = sorted(found.values(), key=lambda each: -each[1])
    return iter(ranked[:MOST_TERMS])


def number_term(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A number gets a factor or an exponent it lacks: ``a`` becomes ``a / 2``, ``a ** 2``."""
    parent = site.file.parents.get(node)
    kind = site.routine.kinds.kind(node)
    if not _whole(parent, node) or kind not in {"", *NUMBERS} or isinstance(parent, ast.Call):
        return
    usual: dict[float, float] = {2: 1.0, 10: 0.4, 3: 0.3}
    for number in site.routine.numbers:
        if number not in {0, 1, -1} and 0 < number <= 1000:  # noqa: PLR2004 - factors people write
            usual.setdefault(number, 0.4)
    mine = site.fragment(node)
    for number, prior in usual.items():
        for symbol, likely in (("/", 0.8), ("//", 0.8), ("*", 1.0), ("**", 0.9), ("%", 0.5), ("+", 0.3), ("-", 0.3)):
            yield site.expression(node, join(mine, symbol, Fragment(repr(number))), prior * likely * (1.0 if kind else 0.4))


def extreme(site: Site) -> Iterator[Rewrite]:
    """``best = x`` becomes ``best = max(best, x)``, or ``min``."""
    node = site.statement
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and not isinstance(node.value, ast.Constant | ast.List | ast.Dict):
        target = node.targets[0]
        if isinstance(target, ast.Name | ast.Subscript | ast.Attribute) and _again(site, node):
            for name in ("max", "min"):
                yield site.expression(
                    node.value, Fragment(f"{name}({site.file.segment(target)}, {site.fragment(node.value).inside(1)})")
                )


def _again(site: Site, node: ast.Assign) -> bool:
    """Whether the name had a value before: it is bound above, or it is an element."""
    target = node.targets[0]
    return not isinstance(target, ast.Name) or site.routine.first_bound.get(target.id, node.lineno) < node.lineno


def choice(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``a if c else b`` becomes ``b if c else a``, or one of them."""
    if isinstance(node, ast.IfExp):
        body, test, other = (site.fragment(each) for each in (node.body, node.test, node.orelse))
        yield site.expression(node, Fragment(f"{other.inside(2)} if {test.inside(2)} else {body.inside(1)}", 1))
        yield site.expression(node, body, 0.3)
        yield site.expression(node, other, 0.3)


def donor(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """An expression becomes another one that stands in the same function."""
    if isinstance(node, ast.Starred | ast.Slice | ast.Lambda) or not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return
    parent = site.file.parents.get(node)
    if isinstance(parent, ast.Expr | ast.Attribute) or (isinstance(parent, ast.Call) and parent.func is node):
        return
    kind = site.routine.kinds.kind(node)
    inner = set(site.routine.inner_names(node))
    for other in site.routine.expressions:
        foreign = set(site.routine.inner_names(other)) - inner
        if other is node or foreign & names_in(other):
            continue
        prior = compatible(kind, site.routine.kinds.kind(other))
        yield site.expression(node, site.fragment(other), prior * (1.0 if abs(other.lineno - node.lineno) <= 3 else 0.6))  # noqa: PLR2004 - close by


def element(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A name becomes an element of a sequence at hand: ``best`` becomes ``values[i]``."""
    if not isinstance(node, ast.Name | ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return
    parent = site.file.parents.get(node)
    if isinstance(parent, ast.Attribute) or (isinstance(parent, ast.Call) and parent.func is node):
        return
    kinds, names = site.routine.kinds, site.routine.visible(node, node.lineno)
    for owner, natural in names.items():
        if kinds.of.get(owner, "") not in {"", *SEQUENCES} or owner == getattr(node, "id", owner):
            continue
        for index, other in names.items():
            if kinds.of.get(index, "") == "int" and index != owner:
                prior = natural * other * (1.0 if kinds.of.get(owner) else 0.4)
                yield site.expression(node, Fragment(f"{owner}[{index}]"), prior)


TEMPLATES = (
    Template("subscript or slice", 5.0, subscript),
    Template("part of a sequence", 2.5, cut),
    Template("order of elements", 4.0, elements),
    Template("filter of a comprehension", 3.0, comprehension),
    Template("missing term", 2.5, term),
    Template("missing factor", 1.5, number_term),
    Template("extreme so far", 2.0, statement=extreme),
    Template("branches of a choice", 3.0, choice),
    Template("element of a sequence", 1.5, element),
    Template("donor expression", 1.5, donor),
)
