"""Where a syntax node stands in its file, and how a piece of text is put in its place.

Everything outside the replaced span stays byte for byte as it was. Offsets count UTF-8 bytes, as ``ast`` does.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

_NEWLINE = re.compile(rb"\r\n|\r|\n")
_COMMENT = re.compile(rb"#[^\r\n]*")


@dataclass(frozen=True)
class Rewrite:
    """One replacement: bytes ``start`` to ``end`` (exclusive) of the file become ``text``."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Example:
    """What an operator makes of a snippet: ``after`` has each of its mutants, whole, in order."""

    before: str
    after: tuple[str, ...]


@dataclass(frozen=True)
class Operator:
    """One way to break code, with the examples that document and test it."""

    name: str
    does: str
    nodes: tuple[type[ast.AST], ...]
    """The kinds of node it looks at."""
    rewrite: Callable[[ast.AST, Text], Iterator[Rewrite]]
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Text:
    """A file's source with the lookups that turn nodes into spans."""

    source: str

    @cached_property
    def raw(self) -> bytes:
        """The source as ``ast`` counts it."""
        return self.source.encode()

    @cached_property
    def _line_starts(self) -> tuple[int, ...]:
        return (0, *(found.end() for found in _NEWLINE.finditer(self.raw)))

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a position; lines count from 1, columns (bytes) from 0."""
        return self._line_starts[line - 1] + column

    def line_of(self, offset: int) -> int:
        """Return the line an offset lies on."""
        low, high = 0, len(self._line_starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._line_starts[middle] <= offset else (low, middle)
        return low + 1

    def span(self, node: ast.expr | ast.stmt | ast.arg | ast.keyword | ast.excepthandler | ast.pattern) -> tuple[int, int]:
        """Return where a node starts and ends; parentheses around it are not part of it."""
        if node.end_lineno is None or node.end_col_offset is None:
            msg = "a node without an end cannot be placed"
            raise ValueError(msg)
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def of(self, node: ast.expr | ast.stmt) -> str:
        """Return the node's own text."""
        start, end = self.span(node)
        return self.raw[start:end].decode()

    def replace(self, node: ast.expr | ast.stmt, text: str) -> Rewrite:
        """Put ``text`` where the node stands."""
        return Rewrite(*self.span(node), text)

    def token_between(self, left: int, right: int, token: str) -> tuple[int, int] | None:
        """Return where ``token`` stands between two offsets, comments apart; blanks in it match any run of blanks."""
        gap = _COMMENT.sub(lambda found: b" " * len(found.group()), self.raw[left:right])
        found = re.search(rb"(?:\s|\\)+".join(map(re.escape, token.encode().split())), gap)
        return None if found is None else (left + found.start(), left + found.end())

    def swap_token(self, left: int, right: int, old: str, new: str) -> Iterator[Rewrite]:
        """Replace the token ``old`` between two offsets, where it is found."""
        if place := self.token_between(left, right, old):
            yield Rewrite(*place, new)

    def apply(self, rewrite: Rewrite) -> str:
        """Return the whole source with one replacement made."""
        return (self.raw[: rewrite.start] + rewrite.text.encode() + self.raw[rewrite.end :]).decode()

    def lines_of(self, rewrite: Rewrite) -> range:
        """Return the lines that a replacement touches."""
        return range(self.line_of(rewrite.start), self.line_of(max(rewrite.start, rewrite.end - 1)) + 1)
