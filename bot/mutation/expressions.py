"""Operators that break expressions: comparisons, arithmetic, conditions, constants, calls, slices."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from bot.mutation.rewrite import Example, Operator, Rewrite, Text

COMPARISONS: Mapping[type[ast.cmpop], tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        ast.Lt: ("<", ("<=", ">=")),
        ast.LtE: ("<=", ("<", ">")),
        ast.Gt: (">", (">=", "<=")),
        ast.GtE: (">=", (">", "<")),
        ast.Eq: ("==", ("!=",)),
        ast.NotEq: ("!=", ("==",)),
        ast.Is: ("is", ("is not",)),
        ast.IsNot: ("is not", ("is",)),
        ast.In: ("in", ("not in",)),
        ast.NotIn: ("not in", ("in",)),
    }
)

BINARY: Mapping[type[ast.operator], tuple[str, str]] = MappingProxyType(
    {
        ast.Add: ("+", "-"),
        ast.Sub: ("-", "+"),
        ast.Mult: ("*", "/"),
        ast.Div: ("/", "*"),
        ast.FloorDiv: ("//", "/"),
        ast.Mod: ("%", "/"),
        ast.Pow: ("**", "*"),
        ast.LShift: ("<<", ">>"),
        ast.RShift: (">>", "<<"),
        ast.BitAnd: ("&", "|"),
        ast.BitOr: ("|", "&"),
        ast.BitXor: ("^", "&"),
        ast.MatMult: ("@", "+"),
    }
)

_METHOD_PAIRS = (
    ("lower", "upper"),
    ("lstrip", "rstrip"),
    ("find", "rfind"),
    ("ljust", "rjust"),
    ("index", "rindex"),
    ("removeprefix", "removesuffix"),
    ("partition", "rpartition"),
    ("startswith", "endswith"),
)
METHODS: Mapping[str, str] = MappingProxyType({**dict(_METHOD_PAIRS), **{b: a for a, b in _METHOD_PAIRS}})
FUNCTIONS: Mapping[str, str] = MappingProxyType(
    {"min": "max", "max": "min", "any": "all", "all": "any", "deepcopy": "copy", "sorted": "list"}
)

ALWAYS_RAISE_ON_NONE = frozenset(
    [
        "abs",
        "all",
        "any",
        "bytes",
        "chr",
        "dict",
        "divmod",
        "enumerate",
        "filter",
        "float",
        "frozenset",
        "getattr",
        "hasattr",
        "hex",
        "int",
        "isinstance",
        "issubclass",
        "iter",
        "len",
        "list",
        "map",
        "max",
        "min",
        "next",
        "open",
        "ord",
        "pow",
        "range",
        "reversed",
        "round",
        "set",
        "setattr",
        "sorted",
        "sum",
        "super",
        "tuple",
        "vars",
        "zip",
    ]
)
"""Calls that None breaks whatever the test: such a mutant says nothing about the tests."""


def _comparison(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if not isinstance(node, ast.Compare):
        return
    sides = [node.left, *node.comparators]
    for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
        old, others = COMPARISONS[type(operator)]
        for new in others:
            yield from text.swap_token(text.span(left)[1], text.span(right)[0], old, new)


def _arithmetic(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if not isinstance(node, ast.BinOp) or _is_text(node.left):
        return
    old, new = BINARY[type(node.op)]
    yield from text.swap_token(text.span(node.left)[1], text.span(node.right)[0], old, new)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))


def _boolean(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if not isinstance(node, ast.BoolOp):
        return
    old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    for left, right in zip(node.values, node.values[1:], strict=False):
        yield from text.swap_token(text.span(left)[1], text.span(right)[0], old, new)


def _unary(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if not isinstance(node, ast.UnaryOp) or isinstance(node.op, ast.UAdd):
        return
    start, _ = text.span(node)
    operand, _ = text.span(node.operand)
    if isinstance(node.op, ast.USub):
        yield Rewrite(start, start + 1, "+")
        return
    old = "not" if isinstance(node.op, ast.Not) else "~"
    yield from text.swap_token(start, operand, old, "")


def _condition(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    for test, forced in _tests_of(node):
        if isinstance(test, ast.Constant):
            continue
        written = text.of(test)
        assigns = any(isinstance(each, ast.NamedExpr | ast.Await) for each in ast.walk(test))
        if "True" in forced:
            yield text.replace(test, f"(({written}) or True)" if assigns else "True")
        if "False" in forced:
            yield text.replace(test, f"(({written}) and False)" if assigns else "False")
        if "not" in forced and not isinstance(test, ast.Compare | ast.UnaryOp):
            yield text.replace(test, f"(not ({written}))")


def _tests_of(node: ast.AST) -> Iterator[tuple[ast.expr, tuple[str, ...]]]:
    """Yield the conditions of a node, each with what it may become; an endless loop tells little, so no ``while True``."""
    if isinstance(node, ast.If | ast.IfExp):
        yield node.test, ("True", "False")
    elif isinstance(node, ast.While):
        yield node.test, ("False", "not")
    elif isinstance(node, ast.comprehension):
        yield from ((test, ("True", "False")) for test in node.ifs)
    elif isinstance(node, ast.match_case) and node.guard is not None:
        yield node.guard, ("True", "False")


def _number(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if not isinstance(node, ast.Constant) or isinstance(node.value, bool):
        return
    value = node.value
    if isinstance(value, int):
        yield text.replace(node, str(value + 1))
        if value > 0:
            yield text.replace(node, str(value - 1))
    elif isinstance(value, float) and math.isfinite(value) and value + 1 != value:
        yield text.replace(node, repr(value + 1))
    elif isinstance(value, complex) and math.isfinite(value.imag):
        yield text.replace(node, repr(value + 1j))


def _truth(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield text.replace(node, str(not node.value))


def _string(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str | bytes) or node.lineno != node.end_lineno:
        return
    value = node.value
    if isinstance(value, str):
        yield text.replace(node, repr(f"XX{value}XX" if value else "XX"))
    else:
        yield text.replace(node, repr(b"XX" + value + b"XX" if value else b"XX"))


def _argument(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if not isinstance(node, ast.Call):
        return
    if not (isinstance(node.func, ast.Name) and node.func.id in ALWAYS_RAISE_ON_NONE):
        for each in [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg)]:
            if not isinstance(each, ast.Constant | ast.Starred | ast.Lambda | ast.GeneratorExp):
                yield text.replace(each, "None")
    yield from _dropped_arguments(node, text)


def _dropped_arguments(node: ast.Call, text: Text) -> Iterator[Rewrite]:
    """Leave out each named argument and the last of several others; what is mostly the default stays."""
    places = sorted([text.span(each) for each in node.args] + [text.span(each) for each in node.keywords])
    named = {text.span(each) for each in node.keywords if each.arg and not _is_default(each.value)}
    last = {text.span(node.args[-1])} if len(node.args) > 1 and not node.keywords and not _is_default(node.args[-1]) else set()
    for index, place in enumerate(places):
        if place not in named | last:
            continue
        if index > 0:
            yield Rewrite(places[index - 1][1], place[1], _closing(text, places[index - 1][1], place[0]))
        elif len(places) > 1:
            yield Rewrite(place[0], places[1][0], _opening(text, place[1], places[1][0]))
        else:
            yield Rewrite(*place, "")


def _is_default(node: ast.expr) -> bool:
    return isinstance(node, ast.Starred) or (isinstance(node, ast.Constant) and node.value in {None, False})


def _closing(text: Text, start: int, end: int) -> str:
    return ")" * text.raw[start:end].split(b",")[0].count(b")")


def _opening(text: Text, start: int, end: int) -> str:
    return "(" * text.raw[start:end].rsplit(b",", 1)[-1].count(b"(")


def _callee(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if not isinstance(node, ast.Call):
        return
    function = node.func
    _, end = text.span(function)
    if isinstance(function, ast.Attribute):
        new = _other_method(node, function.attr)
        if new:
            yield Rewrite(end - len(function.attr.encode()), end, new)
    elif isinstance(function, ast.Name) and function.id in FUNCTIONS and (function.id != "sorted" or len(node.args) == 1):
        start, _ = text.span(node)
        whole = f"list({text.of(node.args[0])})" if function.id == "sorted" else None
        yield text.replace(node, whole) if whole else Rewrite(start, end, FUNCTIONS[function.id])


def _other_method(node: ast.Call, name: str) -> str | None:
    limited = len(node.args) == 2 or any(each.arg == "maxsplit" for each in node.keywords)  # noqa: PLR2004 - sep and maxsplit
    if name in {"split", "rsplit"}:
        return ("rsplit" if name == "split" else "split") if limited else None
    return METHODS.get(name)


def _lambda(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if isinstance(node, ast.Lambda):
        is_none = isinstance(node.body, ast.Constant) and node.body.value is None
        yield text.replace(node.body, "0" if is_none else "None")


def _slice(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if not isinstance(node, ast.Slice):
        return
    for part, default in ((node.lower, 0), (node.upper, None), (node.step, 1)):
        if part is None or (isinstance(part, ast.Constant) and part.value in {None, default}):
            continue
        yield text.replace(part, "")


def _dict_key(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict" and not node.args:
        for each in node.keywords:
            if each.arg:
                start, _ = text.span(each)
                yield Rewrite(start, start + len(each.arg.encode()), f"{each.arg}XX")


EXPRESSIONS: tuple[Operator, ...] = (
    Operator(
        "comparison",
        "moves a comparison's boundary and turns it round",
        (ast.Compare,),
        _comparison,
        (
            Example("x = a < b", ("x = a <= b", "x = a >= b")),
            Example("x = a not  in b", ("x = a in b",)),
            Example("x = (a) == (b)", ("x = (a) != (b)",)),
        ),
    ),
    Operator(
        "arithmetic",
        "takes another arithmetic or bit operator",
        (ast.BinOp,),
        _arithmetic,
        (Example("x = a + b", ("x = a - b",)), Example("x = (a) // b", ("x = (a) / b",)), Example("x = '%s' % b", ())),
    ),
    Operator(
        "boolean",
        "takes `or` for `and` and the other way round",
        (ast.BoolOp,),
        _boolean,
        (Example("x = a and b and c", ("x = a or b and c", "x = a and b or c")),),
    ),
    Operator(
        "unary",
        "drops `not` and `~`, turns a minus into a plus",
        (ast.UnaryOp,),
        _unary,
        (Example("x = not a", ("x =  a",)), Example("x = -a", ("x = +a",)), Example("x = +a", ())),
    ),
    Operator(
        "condition",
        "makes a condition always true, always false, or its contrary",
        (ast.If, ast.IfExp, ast.While, ast.comprehension, ast.match_case),
        _condition,
        (
            Example("x = 1 if a else 2", ("x = 1 if True else 2", "x = 1 if False else 2")),
            Example("x = [y for y in a if y]", ("x = [y for y in a if True]", "x = [y for y in a if False]")),
            Example("while a: f()", ("while False: f()", "while (not (a)): f()")),
        ),
    ),
    Operator(
        "number",
        "adds one to a number, takes one from a positive whole number",
        (ast.Constant,),
        _number,
        (Example("x = 3", ("x = 4", "x = 2")), Example("x = 0", ("x = 1",)), Example("x = 0.5", ("x = 1.5",))),
    ),
    Operator("truth", "swaps True and False", (ast.Constant,), _truth, (Example("x = True", ("x = False",)),)),
    Operator(
        "string",
        "changes a string that the program works with",
        (ast.Constant,),
        _string,
        (Example("x = 'a'", ("x = 'XXaXX'",)), Example("x = ''", ("x = 'XX'",)), Example("raise E('told to people')", ())),
    ),
    Operator(
        "argument",
        "passes None, or leaves out a named argument or the last one",
        (ast.Call,),
        _argument,
        (
            Example("x = f(a)", ("x = f(None)",)),
            Example("x = f(a, key=b)", ("x = f(None, key=b)", "x = f(a)", "x = f(a, key=None)")),
            Example("x = sorted(a, key=b)", ("x = sorted(a)",)),
        ),
    ),
    Operator(
        "callee",
        "calls the opposite function or method",
        (ast.Call,),
        _callee,
        (Example("x = a.lower()", ("x = a.upper()",)), Example("x = min(a)", ("x = max(a)",)), Example("x = a.split()", ())),
    ),
    Operator(
        "lambda", "makes a lambda answer None", (ast.Lambda,), _lambda, (Example("x = lambda a: a", ("x = lambda a: None",)),)
    ),
    Operator(
        "slice",
        "opens an end of a slice, drops its step",
        (ast.Slice,),
        _slice,
        (Example("x = a[b:c]", ("x = a[:c]", "x = a[b:]")), Example("x = a[::2]", ("x = a[::]",)), Example("x = a[0:]", ())),
    ),
    Operator(
        "dict key",
        "renames a key of a `dict` call",
        (ast.Call,),
        _dict_key,
        (Example("x = dict(a=b)", ("x = dict(aXX=b)",)),),
    ),
)
