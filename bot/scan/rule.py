"""What a danger rule is: a name, why it matters, a look at one syntax node, and examples that are its test and its manual."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from bot.change.outline import parse
from bot.gate import Severity

_STRAIGHT: Final = "<unknown>"
_IMPORTING: Final = frozenset({"__import__", "importlib.import_module", "importlib.__import__"})


class Names:
    """What a file's names stand for, as far as its imports tell."""

    def __init__(self, tree: ast.Module) -> None:
        self._stands_for = dict(_imported(tree))
        self.tree = tree
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and (module := self.dotted(node.value)):
                self._stands_for |= {each.id: module for each in node.targets if isinstance(each, ast.Name)}

    def dotted(self, node: ast.AST) -> str:
        """Return the full dotted name of an expression, such as ``subprocess.run`` for ``sp.run``; '' for other expressions.

        ``__import__("os")`` is ``os``.
        """
        match node:
            case ast.Name(id=name):
                return self._stands_for.get(name, name)
            case ast.Attribute(value=value, attr=attribute):
                inner = self.dotted(value)
                return f"{inner}.{attribute}" if inner else f"{_STRAIGHT}.{attribute}"
            case ast.Call(func=func, args=[ast.Constant(value=str(module)), *_]) if self.dotted(func) in _IMPORTING:
                return module
            case _:
                return ""

    def called(self, node: ast.AST) -> str:
        """Return the dotted name of what a node calls; '' where it is no call."""
        return self.dotted(node.func) if isinstance(node, ast.Call) else ""


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each name that an import binds, and the full dotted name of what it stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from map(_bound, node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)


def _bound(alias: ast.alias) -> tuple[str, str]:
    """Return the name that ``import`` binds and the module it stands for: without ``as`` the outermost package."""
    outermost = alias.name.split(".")[0]
    return (alias.asname, alias.name) if alias.asname else (outermost, outermost)


Match = Callable[[ast.AST, Names], bool]


@dataclass(frozen=True)
class Rule:
    """One kind of dangerous code."""

    name: str
    why: str
    """What is wrong and what to do instead, one sentence."""
    matches: Match
    bad: tuple[str, ...]
    """Code in which it must be found."""
    good: tuple[str, ...]
    """Code in which it must not."""
    severity: Severity = Severity.ERROR
    in_tests: bool = True
    """Whether it counts in test files too."""
    nodes: tuple[type[ast.AST], ...] = (ast.Call,)
    """The kinds of node that it has to be shown."""


@dataclass(frozen=True)
class Danger:
    """A rule that matched on a line."""

    line: int
    rule: Rule
    what: str
    """What is called, or the code in question on one line, clipped."""


def dangers(source: str, rules: tuple[Rule, ...]) -> Iterator[Danger]:
    """Yield what the rules find in a Python file, line by line; nothing where it does not parse."""
    tree = parse(source)
    if tree is None:
        return
    names = Names(tree)
    concerned: dict[type[ast.AST], list[Rule]] = {}
    for rule in rules:
        for kind in rule.nodes:
            concerned.setdefault(kind, []).append(rule)
    found = [
        Danger(getattr(node, "lineno", 1), rule, names.called(node) or clip(node))
        for node in ast.walk(tree)
        for rule in concerned.get(type(node), ())
        if rule.matches(node, names)
    ]
    yield from sorted(found, key=lambda each: (each.line, each.rule.name))


def calls(*names: str) -> Match:
    """Match calls of any of the dotted names."""
    wanted = frozenset(names)
    return lambda node, known: known.called(node) in wanted


def keyword(node: ast.AST, name: str) -> ast.expr | None:
    """Return the value given for a keyword in a call."""
    found = node.keywords if isinstance(node, ast.Call) else []
    return next((each.value for each in found if each.arg == name), None)


def argument(node: ast.AST, index: int = 0, name: str = "") -> ast.expr | None:
    """Return a call's positional argument, or the keyword of that name."""
    if isinstance(node, ast.Call) and len(node.args) > index:
        return node.args[index]
    return keyword(node, name) if name else None


def constant(node: ast.AST | None) -> object:
    """Return a constant's value; the :data:`NOT_CONSTANT` mark for other expressions."""
    return node.value if isinstance(node, ast.Constant) else NOT_CONSTANT


NOT_CONSTANT: Final = object()


def is_fixed(node: ast.AST | None) -> bool:
    """Tell whether an expression's value stands in the source: constants and literals made of them."""
    match node:
        case None | ast.Constant():
            return True
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            return all(map(is_fixed, parts))
        case ast.BinOp(left=left, right=right):
            return is_fixed(left) and is_fixed(right)
        case ast.JoinedStr(values=parts):
            return all(isinstance(each, ast.Constant) for each in parts)
        case _:
            return False


def built(node: ast.AST | None) -> str | None:
    """Return the fixed text of a string that is put together from parts that are not; None for other expressions.

    Holes are shown as ``{}``: ``f"SELECT {x}"``, ``"SELECT " + x``, ``"SELECT %s" % x`` and ``"SELECT {}".format(x)`` all give
    text with a hole.
    """
    match node:
        case ast.JoinedStr(values=parts) if not is_fixed(node):
            return "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right) if not is_fixed(node):
            sides = [_side(left), _side(right)]
            return "".join(sides) if any(side != "{}" for side in sides) else None
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod()):
            return text.replace("%s", "{}") + ("" if "%s" in text else "{}")
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")):
            return text
        case _:
            return None


def _side(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return built(node) or "{}"


def clip(node: ast.AST) -> str:
    """Return a node's source on one line of at most 80 characters."""
    try:
        text = " ".join(ast.unparse(node).split())
    except (ValueError, RecursionError):
        text = type(node).__name__
    limit = 80
    return text if len(text) <= limit else text[: limit - 1] + "…"
