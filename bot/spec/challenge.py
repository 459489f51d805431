"""A challenge: a counter-example that somebody names to refute a change, as data, and the claim that it makes.

::

    setup    = name "=" value  |  name "." method "(" values ")"
    call     = function "(" values ")" [ "." method "(" values ")" | "." name | "[" value "]" ]…  |  pure "(" call ")"
    value    = literal  |  display of values  |  constructor "(" values ")"  |  name  |  name "." name
    pure     = list sorted len str repr tuple set dict sum bool int float type min max next abs round

It comes from a stranger: it is only ever parsed here, and anything beyond this grammar is turned down with the reason.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.spec.draft import Claim, Kind
from bot.spec.spec import Source
from bot.spec.vetting import parse_example, parse_expression

MOST_SETUP: Final = 6
MOST_NUMBER: Final = 10**18
_PURE: Final = frozenset(
    {
        *("abs", "bool", "dict", "float", "int", "len", "list", "max", "min", "next", "repr", "round", "set", "sorted", "str"),
        *("sum", "tuple", "type"),
    }
)
_CONSTRUCTORS: Final = frozenset(
    {"bool", "complex", "dict", "float", "frozenset", "int", "list", "object", "set", "str", "tuple"}
)
_BORROWED: Final = {
    "datetime": frozenset(("date", "datetime", "time", "timedelta", "timezone")),
    "decimal": frozenset(("Decimal",)),
    "fractions": frozenset(("Fraction",)),
    "collections": frozenset(("Counter", "OrderedDict", "deque")),
}
"""Constructors of the standard library, by module."""


@dataclass(frozen=True)
class Challenge:
    """One counter-example: what is called, what ought to come of it, and which words say so."""

    call: str
    """An expression that calls the project."""
    expected: str = ""
    """What it ought to give, as an expression; empty where it ought to raise."""
    raises: str = ""
    """The exception it ought to raise; empty where it ought to give something."""
    setup: tuple[str, ...] = ()
    """Statements to run first, one each."""
    because: str = ""
    """The exact words of the instruction or of a docstring that say so."""
    author: str = ""
    """Who named it, ``provider:model``."""

    @property
    def written(self) -> str:
        """What is called, on one line, set-up included."""
        return "; ".join([*self.setup, self.call])

    @property
    def outcome(self) -> str:
        """What ought to come of it, for people."""
        return f"raise {self.raises}" if self.raises else f"give {self.expected}"


def read_challenge(said: object) -> Challenge | None:
    """Return the challenge that a JSON object holds, other fields aside; None where it holds none."""
    if not isinstance(said, Mapping):
        return None
    texts = [said.get(name, "") for name in ("call", "expected", "raises", "because", "author")]
    setup = said.get("setup", ())
    if not isinstance(setup, list | tuple) or not all(isinstance(each, str) for each in (*texts, *setup)):
        return None
    call, expected, raises, because, author = texts
    return Challenge(call, expected, raises, tuple(setup), because, author)


@dataclass(frozen=True)
class Dropped:
    """A counter-example that cannot be tried."""

    what: str
    why: str


@dataclass(frozen=True)
class Criticism:
    """What was done to refute a change before its gates are asked; None stands in its place where nothing was."""

    author: str = ""
    """Who answered, ``provider:model``; empty where nobody did."""
    challenges: tuple[Challenge, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    unanswered: str = ""
    """Why a critic that is configured gave no answer; empty where it did."""
    weighed: bool = False
    """Whether who made the change has compared it with its rivals, and would have asked: nobody is asked the same twice."""


def claim_of(challenge: Challenge, classes: frozenset[str]) -> Claim | str:
    """Return what a challenge claims, or why it may not be tried. ``classes`` are the project's own, by name."""
    if bool(challenge.expected.strip()) == bool(challenge.raises.strip()):
        return "it names neither or both of a value and an exception"
    if len(challenge.setup) > MOST_SETUP:
        return f"it needs more than {MOST_SETUP} statements first"
    setup = [_statement(each) for each in challenge.setup]
    if any(each is None for each in setup):
        return "its set-up is no plain assignment or call"
    call = parse_expression(challenge.call)
    expected = parse_expression(challenge.raises or challenge.expected)
    if call is None or expected is None:
        return "it is not Python"
    names = _Grammar(classes)
    reason = next((why for each in setup if each is not None and (why := names.of_statement(each))), "") or names.of_call(call)
    reason = reason or (_of_exception(expected) if challenge.raises else names.of_value(expected))
    if reason:
        return reason
    kind = Kind.RAISES if challenge.raises else Kind.EQUALS
    statements = tuple(each for each in setup if each is not None)
    return Claim(kind, call, expected, None, statements, challenge.because, Source.MODEL)


def _statement(text: str) -> ast.stmt | None:
    tree = parse_example(text)
    return tree.body[0] if tree is not None and len(tree.body) == 1 else None


def _of_exception(node: ast.expr) -> str:
    chained = isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name))
    return "" if chained else f"`{_short(node)}` is no exception's name"


def _of_constant(node: ast.Constant) -> str:
    huge = isinstance(node.value, int) and abs(node.value) > MOST_NUMBER
    return "it holds a number beyond reason" if huge or node.value is Ellipsis else ""


@dataclass(frozen=True)
class _Grammar:
    """Says why a part is outside the grammar; '' where it is inside."""

    classes: frozenset[str]

    def of_statement(self, node: ast.stmt) -> str:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            return self.of_value(node.value) and self.of_call(node.value)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            return self.of_call(node.value)
        return f"its set-up holds more than assignments and calls (`{_short(node)}`)"

    def of_call(self, node: ast.expr) -> str:
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in _PURE and len(node.args) == 1 and not node.keywords:
                return self.of_call(node.args[0])
            return self._of_function(node.func) or self._of_arguments(node)
        if isinstance(node, ast.Attribute):
            return self.of_call(node.value)
        if isinstance(node, ast.Subscript):
            return self.of_call(node.value) or self.of_value(node.slice)
        return f"`{_short(node)}` is no call"

    def _of_function(self, node: ast.expr) -> str:
        if isinstance(node, ast.Attribute):
            return "" if _dotted(node) else self.of_call(node.value)
        return "" if isinstance(node, ast.Name) else f"`{_short(node)}` is no function's name"

    def _of_arguments(self, node: ast.Call) -> str:
        if any(each.arg is None for each in node.keywords):
            return "it unpacks arguments"
        values = [*node.args, *(each.value for each in node.keywords)]
        return next((why for each in values if (why := self.of_value(each))), "")

    def of_value(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant):
            return _of_constant(node)
        if isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and _dotted(node)):
            return ""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            return self.of_value(node.operand)
        if isinstance(node, ast.Call) and self._constructs(node.func) and not self._of_arguments(node):
            return ""
        if isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict):
            return next((why for each in _elements(node) if (why := self.of_value(each))), "")
        return f"`{_short(node)}` is no plain value"

    def _constructs(self, function: ast.expr) -> bool:
        if isinstance(function, ast.Name):
            return function.id in _CONSTRUCTORS or function.id in self.classes
        if not isinstance(function, ast.Attribute) or not _dotted(function):
            return False
        root = function.value.id if isinstance(function.value, ast.Name) else ""
        return function.attr in self.classes or function.attr in _BORROWED.get(root, ())


def _elements(node: ast.List | ast.Tuple | ast.Set | ast.Dict) -> Iterator[ast.expr]:
    if isinstance(node, ast.Dict):
        yield from (each if each is not None else ast.Starred(value) for each, value in zip(node.keys, node.values, strict=True))
        yield from node.values
    else:
        yield from node.elts


def _dotted(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and _dotted(node.value))


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else f"{text[:59]}…"  # noqa: PLR2004 - enough to know it again
