"""What an edit template is: it looks at one place in the code and proposes rewrites of it, each with a prior."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.repair.routine import Routine
from bot.repair.source import Fragment, SourceFile


@dataclass(frozen=True)
class Rewrite:
    """One edit of one file: characters ``start`` to ``end`` become ``text``."""

    path: str
    start: int
    end: int
    text: str
    template: str
    prior: float
    """How likely, next to the other rewrites of the same template: 0 to 1."""

    def apply(self, source: str) -> str:
        """Return the whole file's new text."""
        return source[: self.start] + self.text + source[self.end :]


@dataclass(frozen=True)
class Site:
    """A place that a template looks at."""

    file: SourceFile
    routine: Routine
    statement: ast.stmt

    def expression(self, node: ast.AST, new: Fragment, prior: float = 1.0) -> Rewrite:
        """Propose ``new`` in the place of an expression."""
        start, end = self.file.span(node)
        return Rewrite(self.file.path, start, end, self.file.fit(new, node), "", prior)

    def exact(self, start: int, end: int, text: str, prior: float = 1.0) -> Rewrite:
        """Propose to replace characters as they stand."""
        return Rewrite(self.file.path, start, end, text, "", prior)

    def fragment(self, node: ast.AST) -> Fragment:
        """Return a node's text."""
        return self.file.fragment(node)


@dataclass(frozen=True)
class Template:
    """A family of edits. ``weight`` is how often, of a hundred small bugs, this family mends one (see ``ranking.py``)."""

    name: str
    weight: float
    expression: Callable[[Site, ast.expr], Iterator[Rewrite]] | None = None
    """Called for every expression of a suspicious statement's own."""
    statement: Callable[[Site], Iterator[Rewrite]] | None = None
    """Called once for a suspicious statement."""
