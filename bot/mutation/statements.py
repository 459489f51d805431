"""Operators that break statements: results, assignments, jumps, exceptions, decorators."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.mutation.expressions import BINARY
from bot.mutation.rewrite import Example, Operator, Rewrite, Text

HARMLESS_DECORATORS = frozenset(
    [
        "abstractmethod",
        "cache",
        "cached_property",
        "contextmanager",
        "dataclass",
        "deprecated",
        "final",
        "fixture",
        "lru_cache",
        "no_type_check",
        "override",
        "overload",
        "runtime_checkable",
        "total_ordering",
        "wraps",
    ]
)
"""Decorators whose removal changes speed or typing only, or takes the definition's very sense away."""


def _result(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if isinstance(node, ast.Return | ast.Yield | ast.YieldFrom) and node.value is not None and not _is_none(node.value):
        yield text.replace(node.value, "()" if isinstance(node, ast.YieldFrom) else "None")


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _assignment(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        yield text.replace(node.value, '""' if _is_none(node.value) else "None")


def _augmented(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if not isinstance(node, ast.AugAssign):
        return
    old, new = BINARY[type(node.op)]
    left, right = text.span(node.target)[1], text.span(node.value)[0]
    if not (isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)):
        yield from text.swap_token(left, right, f"{old}=", f"{new}=")
    yield from text.swap_token(left, right, f"{old}=", "=")


def _dropped(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    drops_call = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Await)
    drops_return = isinstance(node, ast.Return) and node.value is None
    if drops_call or drops_return or isinstance(node, ast.Raise | ast.Delete):
        yield text.replace(node, "pass")  # type: ignore[arg-type]


def _jump(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if isinstance(node, ast.Break):
        yield text.replace(node, "continue")
        yield text.replace(node, "pass")
    elif isinstance(node, ast.Continue):
        yield text.replace(node, "break")
        yield text.replace(node, "pass")


def _loop(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if isinstance(node, ast.For):
        yield text.replace(node.iter, "()")
    if isinstance(node, ast.For | ast.AsyncFor | ast.While) and node.orelse:
        yield from _emptied(node.orelse, text)


def _emptied(body: list[ast.stmt], text: Text) -> Iterator[Rewrite]:
    yield Rewrite(text.span(body[0])[0], text.span(body[-1])[1], "pass")


def _caught(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if not isinstance(node, ast.ExceptHandler) or node.type is None:
        return
    if isinstance(node.type, ast.Tuple) and len(node.type.elts) > 1:
        for dropped in node.type.elts:
            kept = [text.of(each) for each in node.type.elts if each is not dropped]
            yield text.replace(node.type, f"({', '.join(kept)},)")
    else:
        yield text.replace(node.type, "()")


def _raised(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if not isinstance(node, ast.Raise) or node.exc is None:
        return
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    name = text.of(raised)
    named = isinstance(raised, ast.Name | ast.Attribute) and name.rpartition(".")[2][:1].isupper()
    if named and not (isinstance(node.exc, ast.Call) and node.exc.keywords):
        yield text.replace(raised, "RuntimeError" if name == "Exception" else "Exception")


def _decorator(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    for each in node.decorator_list:
        named = each.func if isinstance(each, ast.Call) else each
        name = named.attr if isinstance(named, ast.Attribute) else named.id if isinstance(named, ast.Name) else ""
        if name not in HARMLESS_DECORATORS:
            start, end = text.span(each)
            sign = text.raw.rindex(b"@", 0, start)
            yield Rewrite(sign, end, "")


def _case(node: ast.AST, text: Text) -> Iterator[Rewrite]:
    if not isinstance(node, ast.Match) or len(node.cases) < 2:  # noqa: PLR2004 - one case must stay
        return
    starts = [_case_start(each, text) for each in node.cases]
    ends = [*starts[1:], text.span(node)[1]]
    for start, end in zip(starts, ends, strict=True):
        body = text.raw[start:end]
        yield Rewrite(start, start + len(body.rstrip()), "")


def _case_start(case: ast.match_case, text: Text) -> int:
    return text.raw.rindex(b"case", 0, text.span(case.pattern)[0])


STATEMENTS: tuple[Operator, ...] = (
    Operator(
        "result",
        "returns or yields None",
        (ast.Return, ast.Yield, ast.YieldFrom),
        _result,
        (
            Example("def f(): return a", ("def f(): return None",)),
            Example("def f(): yield from a", ("def f(): yield from ()",)),
            Example("def f(): return None", ()),
        ),
    ),
    Operator(
        "assignment",
        "assigns None",
        (ast.Assign, ast.AnnAssign),
        _assignment,
        (Example("x = a", ("x = None",)), Example("x: int = None", ('x: int = ""',)), Example("__all__ = a", ())),
    ),
    Operator(
        "augmented assignment",
        "takes the opposite operator, or assigns plainly",
        (ast.AugAssign,),
        _augmented,
        (Example("x += a", ("x -= a", "x = a")), Example("x += 'a'", ("x = 'a'",))),
    ),
    Operator(
        "drop statement",
        "leaves out a call, a raise, a del or an early return",
        (ast.Expr, ast.Return, ast.Raise, ast.Delete),
        _dropped,
        (Example("f(a)", ("pass",)), Example("del a", ("pass",)), Example("logger.info(a)", ())),
    ),
    Operator(
        "jump",
        "takes `continue` for `break` and the other way round, or neither",
        (ast.Break, ast.Continue),
        _jump,
        (Example("while a: break", ("while a: continue", "while a: pass")),),
    ),
    Operator(
        "loop",
        "never enters a loop, or leaves out its else",
        (ast.For, ast.AsyncFor, ast.While),
        _loop,
        (
            Example("for x in a: f()", ("for x in (): f()",)),
            Example("while a: f()\nelse: x = g(); h()", ("while a: f()\nelse: pass",)),
        ),
    ),
    Operator(
        "caught exception",
        "no longer catches an exception",
        (ast.ExceptHandler,),
        _caught,
        (
            Example("try: f()\nexcept E: g()", ("try: f()\nexcept (): g()",)),
            Example("try: f()\nexcept (A, B): g()", ("try: f()\nexcept (B,): g()", "try: f()\nexcept (A,): g()")),
        ),
    ),
    Operator(
        "raised exception",
        "raises a plain Exception",
        (ast.Raise,),
        _raised,
        (Example("raise ValueError('no')", ("raise Exception('no')",)),),
    ),
    Operator(
        "decorator",
        "takes a decorator off",
        (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
        _decorator,
        (Example("@checked\ndef f(): pass", ("\ndef f(): pass",)), Example("@functools.cache\ndef f(): pass", ())),
    ),
    Operator(
        "case",
        "leaves out a case",
        (ast.Match,),
        _case,
        (Example("match a:\n  case 1: pass\n  case 2: pass", ("match a:\n  \n  case 2: pass", "match a:\n  case 1: pass\n  ")),),
    ),
)
