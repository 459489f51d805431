"""A claim read from words or code ("``f(3)`` should be 4"), and how it is written as a test function."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from enum import StrEnum

from bot.spec.definitions import Definition
from bot.spec.spec import Candidate, Source


class Kind(StrEnum):
    """What is claimed of an expression."""

    EQUALS = "equals"
    IS = "is"
    """The very object, for None, True and False in a doctest."""
    DIFFERS = "differs"
    HOLDS = "holds"
    RAISES = "raises"
    SHOWS = "shows"
    """Its ``repr`` is the expected string."""
    RUNS = "runs"
    """It does not raise."""
    ISINSTANCE = "is instance"


@dataclass(frozen=True)
class Claim:
    """What somebody says of an expression, before its names are looked up."""

    kind: Kind
    expression: ast.expr
    expected: ast.expr | None = None
    """The value, the exception's name, or the type, after the kind."""
    message: str | None = None
    """The text a raised exception must have."""
    setup: tuple[ast.stmt, ...] = ()
    """Statements to run first."""
    quote: str = ""
    origin: Source = Source.EXAMPLE
    certain: bool = True
    """False where the words tell what is so ("returns 4") without saying whether that is right."""

    @property
    def code(self) -> list[ast.AST]:
        """All code in it."""
        return [*self.setup, self.expression, *([self.expected] if self.expected is not None else [])]


@dataclass(frozen=True)
class Draft:
    """A candidate test with what the oracle must know of it."""

    candidate: Candidate
    targets: tuple[Definition, ...]
    """Functions it calls, the one in question first."""
    claim: Claim
    missing: tuple[tuple[str, str], ...] = ()
    """(module, name) of what does not exist yet: ``name`` a function, ``Class.name()`` a method, ``Class.name`` an attribute."""


@dataclass(frozen=True)
class Unusable:
    """Something that looked like an example and did not become a candidate."""

    quote: str
    reason: str
    origin: Source = Source.EXAMPLE


def body_of(claim: Claim) -> tuple[list[str], bool]:
    """Return the lines of the test's body, and whether they need ``pytest``."""
    lines = [line for each in claim.setup for line in ast.unparse(each).splitlines()]
    expression = ast.unparse(claim.expression)
    expected = ast.unparse(claim.expected) if claim.expected is not None else ""
    if claim.kind is Kind.RAISES:
        match = f", match={re.escape(claim.message)!r}" if claim.message else ""
        return [*lines, f"with pytest.raises({expected}{match}):", f"    {expression}"], True
    if claim.kind is Kind.EQUALS and claim.expected is not None and _is_approximate(claim.expected):
        return [*lines, f"assert {_operand(claim.expression)} == pytest.approx({expected})"], True
    statement = {
        Kind.EQUALS: f"assert {_operand(claim.expression)} == {expected}",
        Kind.DIFFERS: f"assert {_operand(claim.expression)} != {expected}",
        Kind.IS: f"assert {_operand(claim.expression)} is {expected}",
        Kind.HOLDS: f"assert {expression}",
        Kind.SHOWS: f"assert repr({expression}) == {expected}",
        Kind.RUNS: expression,
        Kind.ISINSTANCE: f"assert isinstance({expression}, {expected})",
    }[claim.kind]
    return [*lines, statement], False


def _operand(node: ast.expr) -> str:
    simple = isinstance(
        node, ast.Call | ast.Name | ast.Attribute | ast.Subscript | ast.Constant | ast.List | ast.Tuple | ast.Dict
    )
    return ast.unparse(node) if simple else f"({ast.unparse(node)})"


def _is_approximate(expected: ast.expr) -> bool:
    """Tell whether a float is expected, alone or in a flat sequence or dictionary of numbers."""
    if isinstance(expected, ast.UnaryOp):
        return _is_approximate(expected.operand)
    if isinstance(expected, ast.Constant):
        return isinstance(expected.value, float)
    parts = expected.values if isinstance(expected, ast.Dict) else getattr(expected, "elts", [])
    if isinstance(expected, ast.Set):
        return False
    return any(map(_is_approximate, parts)) and all(map(_is_number, parts))


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        return _is_number(node.operand)
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def function_source(name: str, claim: Claim, local_imports: tuple[str, ...]) -> str:
    """Return the test function's source."""
    lines, _ = body_of(claim)
    return "\n".join([f"def {name}():", *(f"    {line}" for line in [*local_imports, *lines])]) + "\n"
