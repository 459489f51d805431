"""A Python file as text and as syntax tree at once: where each node's text lies, and how to put texts together."""

from __future__ import annotations

import ast
import io
import tokenize
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

LOOSE, CHOICE, OR, AND, NOT, COMPARISON, BIT_OR, BIT_XOR, BIT_AND, SHIFT, SUM, PRODUCT, SIGN, POWER, ATOM = range(15)
"""How tightly an expression binds, loosest first."""

BINARY: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", SUM),
    ast.Sub: ("-", SUM),
    ast.Mult: ("*", PRODUCT),
    ast.Div: ("/", PRODUCT),
    ast.FloorDiv: ("//", PRODUCT),
    ast.Mod: ("%", PRODUCT),
    ast.MatMult: ("@", PRODUCT),
    ast.Pow: ("**", POWER),
    ast.BitAnd: ("&", BIT_AND),
    ast.BitOr: ("|", BIT_OR),
    ast.BitXor: ("^", BIT_XOR),
    ast.LShift: ("<<", SHIFT),
    ast.RShift: (">>", SHIFT),
}
COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}
_ATOMS = (
    *(ast.Name, ast.Constant, ast.Call, ast.Attribute, ast.Subscript, ast.List, ast.Dict, ast.Set, ast.JoinedStr),
    *(ast.ListComp, ast.SetComp, ast.DictComp),
)


def binding(node: ast.AST) -> int:
    """Return how tightly the text of ``node`` binds, not counting parentheses around it."""
    if isinstance(node, ast.BinOp):
        return BINARY[type(node.op)][1]
    if isinstance(node, ast.BoolOp):
        return AND if isinstance(node.op, ast.And) else OR
    if isinstance(node, ast.UnaryOp):
        return NOT if isinstance(node.op, ast.Not) else SIGN
    if isinstance(node, ast.Compare):
        return COMPARISON
    if isinstance(node, ast.IfExp | ast.Lambda):
        return CHOICE
    return ATOM if isinstance(node, _ATOMS) else LOOSE


@dataclass(frozen=True)
class Fragment:
    """Text of an expression and how tightly it binds."""

    text: str
    binds: int = ATOM

    def inside(self, least: int) -> str:
        """Return the text, in parentheses where it binds more loosely than ``least``."""
        return self.text if self.binds >= least else f"({self.text})"


def join(left: Fragment, operator: str, right: Fragment) -> Fragment:
    """Return ``left operator right`` of a binary, boolean or comparison operator, parenthesised as needed."""
    binds = _SYMBOLS[operator]
    first, second = binds, binds + 1
    if operator == "**":
        first, second = binds + 1, SIGN
    elif binds == COMPARISON:
        first = binds + 1
    return Fragment(f"{left.inside(first)} {operator} {right.inside(second)}", binds)


_SYMBOLS = {
    **dict(BINARY.values()),
    **dict.fromkeys(COMPARE.values(), COMPARISON),
    "and": AND,
    "or": OR,
}


class SourceFile:
    """One file. Offsets count characters from 0; ``path`` is relative to the project.

    Raises:
        SyntaxError: the text is no Python.
    """

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.tree = ast.parse(text)
        self._lines = text.splitlines(keepends=True) or [""]
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """Every node's parent."""
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    @cached_property
    def in_format(self) -> frozenset[ast.AST]:
        """Nodes inside f-strings: their positions cannot be trusted on every supported Python."""
        return frozenset(
            child
            for node in ast.walk(self.tree)
            if isinstance(node, ast.JoinedStr)
            for child in ast.walk(node)
            if child is not node
        )

    def offset(self, line: int, column: int) -> int:
        """Return the character offset of a tree position (line from 1, column in UTF-8 bytes)."""
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        wide = column if text.isascii() else len(text.encode()[:column].decode(errors="ignore"))
        return self._starts[line - 1] + wide

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return where the node's text starts and ends."""
        place: ast.expr = node  # type: ignore[assignment]  # every node that is asked for has a position
        end_line, end_column = place.end_lineno or place.lineno, place.end_col_offset or 0
        return self.offset(place.lineno, place.col_offset), self.offset(end_line, end_column)

    def line_of(self, offset: int) -> int:
        """Return the line number (from 1) of a character offset."""
        return bisect_right(self._starts, offset)

    def line_start(self, line: int) -> int:
        """Return the offset at which a line starts."""
        return self._starts[line - 1]

    def line(self, number: int) -> str:
        """Return a line's text, with its end."""
        return self._lines[number - 1]

    def indent(self, statement: ast.stmt) -> str:
        """Return the white space in front of a statement."""
        text = self._lines[statement.lineno - 1]
        return text[: len(text) - len(text.lstrip())]

    @cached_property
    def step(self) -> str:
        """One level of indentation, as this file does it."""
        for node in ast.walk(self.tree):
            if isinstance(node, FunctionNode) and node.body[0].lineno > node.lineno:
                inner, outer = self.indent(node.body[0]), self.indent(node)
                if inner.startswith(outer) and len(inner) > len(outer):
                    return inner[len(outer) :]
        return "    "

    @cached_property
    def newline(self) -> str:
        """The line end this file uses."""
        return "\r\n" if self._lines[0].endswith("\r\n") else "\n"

    def segment(self, node: ast.AST) -> str:
        """Return the node's own text, without parentheses around it."""
        start, end = self.span(node)
        return self.text[start:end]

    def fragment(self, node: ast.AST) -> Fragment:
        """Return the node's text together with how tightly it binds."""
        text = self.segment(node)
        if isinstance(node, ast.Tuple | ast.GeneratorExp) and text.startswith("("):
            return Fragment(text, ATOM)
        return Fragment(text, binding(node))

    def fit(self, new: Fragment, node: ast.AST) -> str:
        """Return ``new`` as it must be written in the place of ``node``."""
        start, end = self.span(node)
        closed = self.text[start - 1 : start] == "(" and self.text[end : end + 1] == ")"
        if new.binds >= self._needed(node) or (new.binds > LOOSE and closed) or new.binds >= binding(node) > LOOSE:
            return new.text
        return f"({new.text})"

    def _needed(self, node: ast.AST) -> int:
        """Return how tightly an expression in the place of ``node`` must bind."""
        parent = self.parents.get(node)
        if isinstance(parent, ast.BinOp):
            own, left = BINARY[type(parent.op)][1], node is parent.left
            looser, tighter = (SIGN, own + 1) if isinstance(parent.op, ast.Pow) else (own + 1, own)
            return tighter if left else looser
        if isinstance(parent, ast.BoolOp | ast.UnaryOp):
            return binding(parent) + isinstance(parent, ast.BoolOp)
        if isinstance(parent, ast.Compare):
            return BIT_OR
        if isinstance(parent, ast.Attribute | ast.Starred) or (
            isinstance(parent, ast.Call | ast.Subscript) and node in _heads(parent)
        ):
            return ATOM
        if isinstance(parent, ast.IfExp | ast.comprehension):
            return CHOICE if isinstance(parent, ast.IfExp) and node is parent.orelse else OR
        return CHOICE

    def routine_of(self, node: ast.AST) -> FunctionNode | None:
        """Return the innermost function around ``node``."""
        up = self.parents.get(node)
        while up is not None and not isinstance(up, FunctionNode):
            up = self.parents.get(up)
        return up

    def qualname(self, node: ast.AST) -> str:
        """Return a function's or class's dotted name within the file."""
        names: list[str] = []
        at: ast.AST | None = node
        while at is not None:
            if isinstance(at, FunctionNode | ast.ClassDef):
                names.append(at.name)
            at = self.parents.get(at)
        return ".".join(reversed(names))

    @cached_property
    def statements(self) -> tuple[ast.stmt, ...]:
        """All statements, in the order of their lines."""
        found = [node for node in ast.walk(self.tree) if isinstance(node, ast.stmt)]
        return tuple(sorted(found, key=lambda each: (each.lineno, each.col_offset)))

    @cached_property
    def strings(self) -> frozenset[int]:
        """Lines that lie inside a string or a bracket which started on an earlier line: they take no own indentation."""
        found: set[int] = set()
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type == tokenize.STRING:
                found |= set(range(token.start[0] + 1, token.end[0] + 1))
        return frozenset(found)


def _heads(parent: ast.Call | ast.Subscript) -> tuple[ast.expr, ...]:
    return (parent.func,) if isinstance(parent, ast.Call) else (parent.value,)


def own_expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield the expressions of a statement itself: of a compound one only its head, and no nested function's."""
    todo: list[ast.AST] = [statement]
    while todo:
        node = todo.pop(0)
        if isinstance(node, ast.expr):
            yield node
        children = ast.iter_child_nodes(node)
        todo.extend(each for each in children if not isinstance(each, ast.stmt | ast.ExceptHandler | ast.match_case))


def same_code(left: str, right: str) -> bool:
    """Whether two texts are the same program but for layout and comments."""
    try:
        return ast.dump(ast.parse(left)) == ast.dump(ast.parse(right))
    except SyntaxError:
        return False
