"""Templates on calls: arguments dropped, swapped, added; a call put around a value or taken off it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.repair.kinds import NUMBERS, compatible
from bot.repair.prose import spoken_of
from bot.repair.source import ATOM, CHOICE, COMPARE, COMPARISON, NOT, Fragment
from bot.repair.template import Rewrite, Site, Template

MOST_ADDED = 14
"""Values tried as one more argument."""


def _call(site: Site, node: ast.Call, arguments: list[str]) -> Fragment:
    return Fragment(f"{site.fragment(node.func).inside(ATOM)}({', '.join(arguments)})")


def _arguments(site: Site, node: ast.Call) -> list[str]:
    positional = [site.file.segment(each) for each in node.args]
    return positional + [f"{each.arg}={site.file.segment(each.value)}" for each in node.keywords if each.arg]


def _plain(site: Site, node: ast.expr) -> bool:
    if not isinstance(node, ast.Call) or any(each.arg is None for each in node.keywords):
        return False
    return not any(isinstance(each, ast.GeneratorExp) and len(node.args) == 1 for each in node.args) or not site.file.segment(
        node.args[0]
    ).startswith("(")


def drop_argument(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``f(a, b)`` becomes ``f(a)``."""
    if not isinstance(node, ast.Call) or not _plain(site, node):
        return
    arguments = _arguments(site, node)
    for at in range(len(arguments)):
        if len(arguments) > 1 or isinstance(node.func, ast.Attribute):
            yield site.expression(node, _call(site, node, arguments[:at] + arguments[at + 1 :]))


def swap_arguments(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``f(a, b)`` becomes ``f(b, a)``; ``a.f(b)`` becomes ``b.f(a)``."""
    if not isinstance(node, ast.Call) or not _plain(site, node):
        return
    arguments, count = _arguments(site, node), len(node.args)
    for one in range(count):
        for other in range(one + 1, count):
            changed = list(arguments)
            changed[one], changed[other] = changed[other], changed[one]
            yield site.expression(node, _call(site, node, changed))
    if isinstance(node.func, ast.Attribute) and count == 1 and not isinstance(node.func.value, ast.Constant):
        owner = site.fragment(node.args[0]).inside(ATOM)
        yield site.expression(node, Fragment(f"{owner}.{node.func.attr}({site.file.segment(node.func.value)})"), 0.3)


def add_argument(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``f(a)`` becomes ``f(a, x)`` or ``f(x, a)``."""
    if not isinstance(node, ast.Call) or not _plain(site, node):
        return
    positional = [site.file.segment(each) for each in node.args]
    rest = _arguments(site, node)[len(positional) :]
    if any(isinstance(each, ast.GeneratorExp) for each in node.args):
        return
    values = [*_missing(site, node), *site.routine.visible(node, node.lineno), "1", "0"]
    for value in list(dict.fromkeys(values))[:MOST_ADDED]:
        for at in range(len(positional) + 1):
            yield site.expression(node, _call(site, node, [*positional[:at], value, *positional[at:], *rest]))


def _missing(site: Site, node: ast.Call) -> list[str]:
    """Parameters of the called function that the caller has under the same name."""
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    for each in ast.walk(site.file.tree):
        if isinstance(each, ast.FunctionDef) and each.name == name:
            passed = {argument.id for argument in node.args if isinstance(argument, ast.Name)}
            return [arg.arg for arg in each.args.args if arg.arg in site.routine.first_bound and arg.arg not in passed]
    return []


def unwrap(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``f(a)`` becomes ``a``; ``a.f()`` becomes ``a``."""
    if not isinstance(node, ast.Call):
        return
    if isinstance(node.func, ast.Attribute) and not isinstance(site.file.parents.get(node), ast.Expr):
        yield site.expression(node, site.fragment(node.func.value), 0.7)
    for argument in node.args:
        if not isinstance(argument, ast.Starred | ast.GeneratorExp):
            yield site.expression(node, site.fragment(argument), 1.0 if len(node.args) == 1 else 0.5)


_WRAPS = {
    "str": (
        ("{}.lower()", 0.8),
        ("{}.upper()", 0.6),
        ("{}.strip()", 0.6),
        ("{}[::-1]", 0.7),
        ("len({})", 0.5),
        ("int({})", 0.6),
        ("{}.swapcase()", 0.5),
        ("{}.title()", 0.2),
        ("{}.split()", 0.3),
    ),
    "int": (("str({})", 0.7), ("abs({})", 0.9), ("int({})", 0.3), ("float({})", 0.2), ("range({})", 0.3), ("bin({})", 0.1)),
    "float": (("round({})", 0.7), ("int({})", 0.8), ("abs({})", 0.9), ("round({}, 2)", 0.3)),
    "number": (("round({})", 0.6), ("int({})", 0.7), ("abs({})", 0.9), ("str({})", 0.4)),
    "list": (
        *(("sorted({})", 0.9), ("set({})", 0.7), ("len({})", 0.7), ("{}[::-1]", 0.7), ("tuple({})", 0.5), ("sum({})", 0.6)),
        *(("''.join({})", 0.6), ("list({})", 0.5), ("max({})", 0.4), ("min({})", 0.4), ("{}[0]", 0.4), ("{}[-1]", 0.4)),
        *(
            ("sorted({}, reverse=True)", 0.4),
            ("list(set({}))", 0.3),
            ("sorted(set({}))", 0.4),
            ("any({})", 0.2),
            ("all({})", 0.2),
        ),
    ),
    "tuple": (("list({})", 0.7), ("sorted({})", 0.7), ("len({})", 0.5), ("sum({})", 0.5), ("set({})", 0.5), ("{}[::-1]", 0.6)),
    "set": (("sorted({})", 0.9), ("list({})", 0.9), ("len({})", 0.8)),
    "dict": (
        ("len({})", 0.6),
        ("list({})", 0.5),
        ("{}.values()", 0.6),
        ("{}.items()", 0.6),
        ("{}.keys()", 0.3),
        ("dict({})", 0.3),
    ),
    "bool": (("not {}", 0.3),),
    "range": (("list({})", 0.8), ("reversed({})", 0.8)),
    "": (
        *(("abs({})", 0.5), ("str({})", 0.5), ("int({})", 0.5), ("list({})", 0.5), ("len({})", 0.5), ("sorted({})", 0.5)),
        *(("set({})", 0.4), ("tuple({})", 0.4), ("{}[::-1]", 0.4), ("{}.lower()", 0.3), ("round({})", 0.2), ("{}[0]", 0.2)),
        *(
            ("''.join({})", 0.2),
            ("sum({})", 0.2),
            ("{}[-1]", 0.2),
            ("{}.strip()", 0.2),
            ("reversed({})", 0.2),
            ("{}.copy()", 0.2),
        ),
    ),
}


def wrap(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``a`` becomes ``abs(a)``, ``sorted(a)``, ``a.lower()``…, by the kind of its value."""
    if not _can_be_wrapped(site, node):
        return
    parent = site.file.parents.get(node)
    around = parent.func.id if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) else ""
    for shape, prior in _WRAPS.get(site.routine.kinds.kind(node), ()):
        if around in _BUILDERS and shape.split("(")[0] in _BUILDERS:
            continue
        text = shape.format(site.fragment(node).inside(_least(shape)))
        likely = prior * spoken_of(shape, site.routine.words)
        yield site.expression(node, Fragment(text, NOT if shape.startswith("not") else ATOM), likely)


def _can_be_wrapped(site: Site, node: ast.expr) -> bool:
    """Tell whether a call can be put around an expression: its value is read, and neither called nor asked for an attribute."""
    if isinstance(
        node, ast.Constant | ast.Starred | ast.Slice | ast.GeneratorExp | ast.Lambda | ast.Yield | ast.YieldFrom | ast.NamedExpr
    ):
        return False
    parent = site.file.parents.get(node)
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load) or isinstance(parent, ast.Expr | ast.Attribute):
        return False
    return not (isinstance(parent, ast.Call) and parent.func is node)


def _least(shape: str) -> int:
    """Return how tightly an expression must bind to stand in a shape without parentheses."""
    if shape.endswith("({})") or shape.startswith(("sorted({}", "round({}")):
        return CHOICE
    return NOT if shape.startswith("not") else ATOM


_BUILDERS = frozenset({"str", "list", "set", "tuple", "sorted", "len"})
"""Putting one of these around another is pointless."""


def wrap_both(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``a == b`` becomes ``sorted(a) == sorted(b)``: both sides of a comparison go through the same call."""
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return
    left, right = node.left, node.comparators[0]
    kind = site.routine.kinds.kind(left) or site.routine.kinds.kind(right)
    shapes = {"str": ("sorted({})", "{}.lower()", "len({})", "set({})"), "list": ("sorted({})", "set({})", "len({})", "sum({})")}
    for shape in shapes.get(kind, ("sorted({})", "len({})", "set({})", "abs({})")):
        both = [shape.format(site.fragment(each).inside(CHOICE if shape.endswith("({})") else ATOM)) for each in (left, right)]
        yield site.expression(node, Fragment(f"{both[0]} {COMPARE[type(node.ops[0])]} {both[1]}", COMPARISON))


def keyword(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``reverse=True`` is added, ``key=`` and a default are added or taken from elsewhere in the function."""
    if not isinstance(node, ast.Call) or not _plain(site, node) or any(isinstance(each, ast.GeneratorExp) for each in node.args):
        return
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    arguments, used = _arguments(site, node), {each.arg for each in node.keywords}
    for extra in _keywords(site, name, used):
        yield site.expression(node, _call(site, node, [*arguments, extra]))
    if name in {"get", "pop", "setdefault"} and len(node.args) == 1:
        for default in ("0", "[]", "''", "None", "{}", "1"):
            yield site.expression(node, _call(site, node, [*arguments, default]), 0.5)


def _keywords(site: Site, name: str, used: set[str | None]) -> Iterator[str]:
    if name in {"sorted", "sort"} and "reverse" not in used:
        yield "reverse=True"
    if name in {"sorted", "sort", "max", "min"} and "key" not in used:
        yield from (f"key={each}" for each in _keys(site))
    if name in {"max", "min"} and "default" not in used:
        yield from ("default=0", "default=None")
    if name == "enumerate" and "start" not in used:
        yield "start=1"
    if name == "zip" and "strict" not in used:
        yield "strict=True"


def _keys(site: Site) -> Iterator[str]:
    lambdas = [site.file.segment(each) for each in ast.walk(site.routine.body) if isinstance(each, ast.Lambda)]
    yield from dict.fromkeys(lambdas)
    yield from ("len", "abs", "str.lower", "str", "lambda each: each[0]", "lambda each: each[1]", "int")


def ranges(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``range(n)`` becomes ``range(1, n)``, ``range(n + 1)``, ``range(1, n + 1)``, ``range(0, n, 2)`` and the like."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range" and _plain(site, node)):
        return
    last = site.file.segment(node.args[-1 if len(node.args) == 1 else 1]) if node.args else ""
    more = [*site.routine.visible(node, node.lineno)]
    if len(node.args) == 1:
        for first in ("1", "2"):
            yield site.expression(node, _call(site, node, [first, last]))
            yield site.expression(node, _call(site, node, [first, f"{last} + 1"]))
        yield from (site.expression(node, _call(site, node, [f"{first} + 1", last]), 0.6) for first in more)
        yield from (site.expression(node, _call(site, node, [first, last]), 0.4) for first in more)
        yield site.expression(node, _call(site, node, ["0", last, "2"]), 0.3)
        yield site.expression(node, _call(site, node, [f"len({last})"]), 0.3)
        yield site.expression(node, _call(site, node, [f"{last} - 1", "-1", "-1"]), 0.4)
    elif len(node.args) == 2:  # noqa: PLR2004 - from and to
        first = site.file.segment(node.args[0])
        for step in ("2", "-1"):
            yield site.expression(node, _call(site, node, [first, last, step]), 0.5)
        for both in ("+", "-"):
            yield site.expression(node, _call(site, node, [f"{first} {both} 1", f"{last} {both} 1"]), 0.3)


def recursion(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A value becomes the function's own result on it: the recursive call that was forgotten."""
    function = site.routine.node
    if function is None or not isinstance(node, ast.Name | ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return
    parent = site.file.parents.get(node)
    count = len(site.routine.parameters)
    if not count or (isinstance(parent, ast.Call) and parent.func is node) or site.routine.owner:
        return
    text = site.file.segment(node)
    kinds = site.routine.kinds
    for at in range(count):
        arguments = list(site.routine.parameters)
        arguments[at] = text
        prior = compatible(kinds.kind(node), kinds.of.get(site.routine.parameters[at], ""))
        yield site.expression(node, Fragment(f"{function.name}({', '.join(arguments)})"), prior)


def numeric_argument(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """An argument of a recursive call moves: ``f(n)`` becomes ``f(n - 1)``, ``f(n // 2)``, ``f(xs)`` becomes ``f(xs[1:])``."""
    function = site.routine.node
    if function is None or not isinstance(node, ast.Call) or getattr(node.func, "id", "") != function.name:
        return
    for argument in node.args:
        kind = site.routine.kinds.kind(argument)
        text = site.fragment(argument)
        if kind in {"", *NUMBERS}:
            for suffix in ("- 1", "+ 1", "// 2", "// 10", "- 2"):
                yield site.expression(argument, Fragment(f"{text.inside(11)} {suffix}", 10 if suffix[0] in "+-" else 11))
        if kind not in NUMBERS:
            for suffix in ("[1:]", "[:-1]"):
                yield site.expression(argument, Fragment(f"{text.inside(ATOM)}{suffix}"))


TEMPLATES = (
    Template("dropped argument", 3.0, drop_argument),
    Template("swapped arguments", 4.0, swap_arguments),
    Template("added argument", 2.0, add_argument),
    Template("call taken off", 4.0, unwrap),
    Template("call put around", 4.0, wrap),
    Template("both sides of a comparison", 2.0, wrap_both),
    Template("keyword argument", 3.0, keyword),
    Template("range", 4.0, ranges),
    Template("recursive call", 1.5, recursion),
    Template("recursive argument", 2.0, numeric_argument),
)
