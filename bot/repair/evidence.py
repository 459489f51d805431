"""What failures and test calls tell before anything is tried: kinds of arguments, and which edits fit the failure."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bot.behaviour.shapes import shape_of
from bot.harness.harness import Call, TestOutcome, TestResult
from bot.repair.source import FunctionNode, SourceFile

MOST_LETTERS = 16
MOST_BLANKS = 60
_ENDLESS = ("forgotten update", "recursive argument", "statement moved out of its block")
_BY_EXCEPTION: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "IndexError": (
            "off by one",
            "early return",
            "range",
            "condition from the function",
            "one more condition",
            "recursive argument",
        ),
        "RecursionError": ("recursive argument", "early return", "call taken off", "fixed condition"),
        "KeyError": ("keyword argument", "early return", "one more condition", "variable"),
        "TypeError": ("forgotten return", "call put around", "variable", "recursive call", "call taken off", "swapped arguments"),
        "NameError": ("variable", "initial value"),
        "UnboundLocalError": ("variable", "initial value", "order of statements", "statement moved out of its block"),
        "AttributeError": ("attribute or method", "early return", "one more condition", "variable"),
        "ZeroDivisionError": ("early return", "one more condition", "variable", "number"),
        "ValueError": ("early return", "one more condition", "keyword argument", "attribute or method"),
    }
)
_TWICE, _THRICE = 2.0, 3.0


@dataclass(frozen=True)
class Seen:
    """What the tests pass to one function."""

    kinds: Mapping[str, tuple[str, str]]
    """Parameter -> kind of its values, kind of their elements; '' where unknown."""
    letters: tuple[str, ...]
    """Signs (neither letters nor digits) in the strings that are passed."""


NOTHING_SEEN = Seen(MappingProxyType({}), ())


def seen_by(file: SourceFile, node: FunctionNode | None, calls: Sequence[Call]) -> Seen:
    """Return what ``calls`` tell of the function ``node``."""
    if node is None:
        return NOTHING_SEEN
    qualname = file.qualname(node)
    rows: list[tuple[Any, ...]] = [ast.literal_eval(each.arguments) for each in calls if each.qualname == qualname]
    names = [each.arg for each in (*node.args.posonlyargs, *node.args.args) if each.arg not in {"self", "cls"}]
    passed = {name: [row[at] for row in rows if at < len(row)] for at, name in enumerate(names)}
    kinds = {name: _kinds(values) for name, values in passed.items() if values}
    return Seen(kinds, tuple(sorted(_signs(rows))[:MOST_LETTERS]))


def _kinds(values: list[Any]) -> tuple[str, str]:
    """Return the kind of values and the kind of their elements; '' where unknown."""
    shape = shape_of(values)
    inner = shape.parts[0].kind if shape.parts and not shape.fixed else ""
    return _known(shape.kind), _known(inner)


def _signs(rows: Sequence[tuple[Any, ...]]) -> set[str]:
    """Return what is neither letter nor digit in the strings of ``rows``."""
    texts = (value for row in rows for value in row if isinstance(value, str))
    return {letter for text in texts for letter in text if not letter.isalnum()}


def _known(kind: str) -> str:
    return "" if kind in {"any", "NoneType"} else kind


def boosts(failures: Sequence[TestResult]) -> dict[str, float]:
    """Return, by template, how much likelier it is than usual, given how the witnesses fail."""
    found: dict[str, float] = {}
    for failure in failures:
        for name, factor in _fitting(failure).items():
            found[name] = max(factor, found.get(name, 1.0))
    return found


def _fitting(failure: TestResult) -> dict[str, float]:
    if failure.outcome in {TestOutcome.TIMED_OUT, TestOutcome.CRASHED}:
        return dict.fromkeys(_ENDLESS, 2 * _TWICE)
    if failure.outcome is TestOutcome.RAISED:
        return dict.fromkeys(_BY_EXCEPTION.get((failure.exception or "").rpartition(".")[2], ()), _TWICE)
    values = compared(failure.message)
    return _from_values(*values) if values else {}


def compared(message: str) -> tuple[Any, Any] | None:
    """Return what a failed ``assert actual == expected`` compared, read from pytest's words; None where they do not tell."""
    match = re.match(r"(?:AssertionError: )?assert (.*)", message, re.DOTALL)
    text = match.group(1) if match else ""
    for found in re.finditer(r" == ", text):
        actual, expected = _leading_literal(text[: found.start()], whole=True), _leading_literal(text[found.end() :])
        if actual is not None and expected is not None:
            return actual[0], expected[0]
    return None


def _leading_literal(text: str, *, whole: bool = False) -> tuple[Any] | None:
    """Return the literal that ``text`` starts with: pytest's explanation follows it after a blank."""
    ends = [len(text)] if whole else [*(found.start() for found in re.finditer(r"\s", text)), len(text)]
    for end in ends[:MOST_BLANKS]:
        try:
            return (ast.literal_eval(text[:end].strip()),)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
    return None


def _from_values(actual: Any, expected: Any) -> dict[str, float]:
    if actual is None:
        return {"forgotten return": _THRICE, "return, yield, break": _THRICE, "early return": _TWICE, "recursive call": _TWICE}
    if isinstance(actual, bool) or isinstance(expected, bool):
        return {"truth value": 1.5, "negated condition": 1.5}
    if isinstance(actual, int | float) and isinstance(expected, int | float):
        return _from_numbers(actual, expected)
    return _from_containers(actual, expected)


def _from_containers(actual: Any, expected: Any) -> dict[str, float]:
    if isinstance(actual, str) and isinstance(expected, str):
        return {"call put around": _TWICE, "string": 1.5} if actual.lower() == expected.lower() else {}
    if type(actual) is not type(expected):
        return {"call put around": _TWICE, "call taken off": _TWICE, "function": 1.5}
    if isinstance(actual, list | tuple):
        return _from_sequences(list(actual), list(expected))
    return {}


def _from_numbers(actual: float, expected: float) -> dict[str, float]:
    if actual == -expected:
        return {"sign": _THRICE, "swapped operands": _THRICE, "arithmetic operator": 1.5}
    if abs(actual - expected) == 1:
        return {"off by one": 1.5, "number": 1.3, "range": 1.3}
    if actual % 1 and not expected % 1:
        return {"call put around": _TWICE, "arithmetic operator": 1.5}
    return {}


def _from_sequences(actual: list[Any], expected: list[Any]) -> dict[str, float]:
    if actual == expected[::-1] or sorted(map(repr, actual)) == sorted(map(repr, expected)):
        return {"call put around": _TWICE, "keyword argument": _TWICE, "swapped operands": 1.5, "order of elements": 1.5}
    if len(actual) != len(expected):
        return {"range": 1.3, "filter of a comprehension": 1.5, "forgotten update": 1.3, "subscript or slice": 1.3}
    return {}
