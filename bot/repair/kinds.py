"""Guessing what kind of value an expression has, from how it is made: enough to keep senseless edits at the end of the queue.

A kind is a built-in type's name (``int float str bool list tuple set dict``), ``number`` for int or float, or ``""`` for unknown.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.behaviour.shapes import annotated
from bot.repair.source import FunctionNode

NUMBERS = frozenset({"int", "float", "number", "bool"})
SEQUENCES = frozenset({"list", "tuple", "str"})
SIZED = SEQUENCES | {"set", "dict"}

_CALLED = MappingProxyType(
    {
        **dict.fromkeys(("len", "int", "ord", "hash", "id"), "int"),
        **dict.fromkeys(("sum", "abs", "round", "pow"), "number"),
        **dict.fromkeys(("str", "chr", "repr", "bin", "hex", "input"), "str"),
        **dict.fromkeys(("sorted", "list"), "list"),
        **dict.fromkeys(("any", "all", "isinstance", "bool", "callable", "hasattr"), "bool"),
        **{name: name for name in ("set", "dict", "tuple", "float")},
        "Counter": "dict",
        "defaultdict": "dict",
        "range": "range",
        "deque": "list",
    }
)
_METHODS = MappingProxyType(
    {
        **dict.fromkeys(("lower", "upper", "strip", "lstrip", "rstrip", "join", "replace", "title", "swapcase", "format"), "str"),
        **dict.fromkeys(("split", "splitlines", "rsplit"), "list"),
        **dict.fromkeys(("index", "find", "rfind", "count", "rindex"), "int"),
        **dict.fromkeys(("startswith", "endswith", "isdigit", "isalpha", "isupper", "islower", "isalnum", "isspace"), "bool"),
    }
)


@dataclass
class Kinds:
    """What is known of the names in one function."""

    of: dict[str, str] = field(default_factory=dict)
    inside: dict[str, str] = field(default_factory=dict)
    """Kind of the elements of a container, by its name."""

    def kind(self, node: ast.AST | None) -> str:
        """Return the kind of an expression's value."""
        if isinstance(node, ast.Constant):
            return type(node.value).__name__ if node.value is not None else ""
        if isinstance(node, ast.Name):
            return self.of.get(node.id, "")
        if isinstance(node, ast.BinOp | ast.Call | ast.Subscript):
            return self._made(node)
        if isinstance(node, ast.IfExp):
            return self.kind(node.body) or self.kind(node.orelse)
        if isinstance(node, ast.UnaryOp):
            return "bool" if isinstance(node.op, ast.Not) else self.kind(node.operand)
        return _SYNTAX.get(type(node), "") if node is not None else ""

    def _made(self, node: ast.BinOp | ast.Call | ast.Subscript) -> str:
        if isinstance(node, ast.BinOp):
            return self._binary(node)
        return self._call(node) if isinstance(node, ast.Call) else self._subscript(node)

    def _binary(self, node: ast.BinOp) -> str:
        left, right = self.kind(node.left), self.kind(node.right)
        if isinstance(node.op, ast.Mod) and left == "str":
            return "str"
        if left in SEQUENCES or right in SEQUENCES:
            return left if left in SEQUENCES else right
        if isinstance(node.op, ast.Div):
            return "float"
        if left in NUMBERS or right in NUMBERS:
            return "int" if left == right == "int" else "number"
        return left or right

    def _call(self, node: ast.Call) -> str:
        if isinstance(node.func, ast.Name):
            if node.func.id in {"max", "min"} and node.args:
                first = node.args[0]
                return self.kind(first) if len(node.args) > 1 else self.element(first)
            return _CALLED.get(node.func.id, "")
        if isinstance(node.func, ast.Attribute):
            if node.func.attr in {"pop", "get", "popleft"}:
                return self.element(node.func.value)
            return _METHODS.get(node.func.attr, "")
        return ""

    def _subscript(self, node: ast.Subscript) -> str:
        if isinstance(node.slice, ast.Slice):
            return self.kind(node.value)
        return self.element(node.value)

    def element(self, node: ast.AST | None) -> str:
        """Return the kind of what a container's iteration gives."""
        if isinstance(node, ast.Name) and node.id in self.inside:
            return self.inside[node.id]
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"sorted", "list", "set", "reversed"}
        ):
            return self.element(node.args[0]) if node.args else ""
        if isinstance(node, ast.List | ast.Tuple | ast.Set) and node.elts:
            return self.kind(node.elts[0])
        if isinstance(node, ast.ListComp | ast.GeneratorExp):
            return self.kind(node.elt)
        return {"str": "str", "range": "int"}.get(self.kind(node), "")


_SYNTAX: Mapping[type[ast.AST], str] = MappingProxyType(
    {
        **dict.fromkeys((ast.List, ast.ListComp), "list"),
        **dict.fromkeys((ast.Dict, ast.DictComp), "dict"),
        **dict.fromkeys((ast.Set, ast.SetComp), "set"),
        **dict.fromkeys((ast.Compare, ast.BoolOp), "bool"),
        ast.JoinedStr: "str",
        ast.Tuple: "tuple",
    }
)


def compatible(left: str, right: str) -> float:
    """Return how well a value of one kind stands in for one of another, 0 to 1."""
    if left == right and left:
        return 1.0
    if not left or not right:
        return 0.6
    if {left, right} <= NUMBERS:
        return 0.9
    return 0.25 if {left, right} <= SIZED else 0.08


def kinds_of(function: FunctionNode | None, seen: Mapping[str, tuple[str, str]]) -> Kinds:
    """Return what is known in ``function``; ``seen`` tells each parameter's kind and its elements' from real calls."""
    known = Kinds()
    if function is None:
        return known
    for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs):
        shape = annotated(argument.annotation)
        if shape:
            known.of[argument.arg] = shape.kind
            if shape.parts and annotated_parts(argument.annotation):
                known.inside[argument.arg] = shape.parts[0].kind
    for name, (kind, inner) in seen.items():
        known.of.setdefault(name, kind)
        known.inside.setdefault(name, inner)
    for _ in range(2):
        for node in ast.walk(function):
            _learn(node, known)
    return known


def annotated_parts(annotation: ast.expr | None) -> bool:
    """Whether an annotation says what a container holds."""
    return isinstance(annotation, ast.Subscript)


def _learn(node: ast.AST, known: Kinds) -> None:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            _bind(target, node.value, known)
    elif (isinstance(node, ast.AnnAssign | ast.NamedExpr) and isinstance(node.target, ast.Name)) or (
        isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    ):
        _set(known.of, node.target.id, known.kind(node.value))
    elif isinstance(node, ast.For | ast.comprehension):
        _iterate(node.target, node.iter, known)
    elif (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"append", "add", "appendleft"}
    ):
        _fill(node, node.func.value, known)


def _fill(call: ast.Call, owner: ast.expr, known: Kinds) -> None:
    if isinstance(owner, ast.Name) and call.args:
        _set(known.inside, owner.id, known.kind(call.args[0]))


def _set(table: dict[str, str], name: str, kind: str) -> None:
    if kind and not table.get(name):
        table[name] = kind


def _bind(target: ast.expr, value: ast.expr, known: Kinds) -> None:
    if isinstance(target, ast.Name):
        _set(known.of, target.id, known.kind(value))
        _set(known.inside, target.id, known.element(value))
    elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        for one, other in zip(target.elts, value.elts, strict=False):
            _bind(one, other, known)


def _iterate(target: ast.expr, source: ast.expr, known: Kinds) -> None:
    called = source.func.id if isinstance(source, ast.Call) and isinstance(source.func, ast.Name) else ""
    if called == "enumerate" and isinstance(target, ast.Tuple) and isinstance(source, ast.Call) and source.args:
        for each, kind in zip(target.elts, ("int", known.element(source.args[0])), strict=False):
            if isinstance(each, ast.Name):
                _set(known.of, each.id, kind)
    elif isinstance(target, ast.Name):
        _set(known.of, target.id, known.element(source))
