"""Edits that pass the tests without mending anything: they know the tests' literals, or answer the same whatever is asked."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bot.behaviour.differences import canonical
from bot.harness.harness import Call, Observation
from bot.repair.enumeration import Candidate

HARMLESS: frozenset[Any] = frozenset({0, 1, -1, 2, 10, "", " ", None, "\n", ",", 0.5})
LEAST_CALLS = 6
"""Calls it takes to call a function constant."""


def complaint(candidate: Candidate, base: str, calls: Sequence[Call]) -> str:
    """Return why a candidate looks made for the tests, or ''."""
    for literal in _new_literals(candidate.text, base):
        if literal in _arguments(calls) and not _mentioned(literal, base):
            return f"it knows {literal!r}, which only the tests use"
    return ""


def _new_literals(text: str, base: str) -> list[Any]:
    """Return literals on a side of a comparison, of which there are more than before."""
    before, after = (Counter(_compared(each)) for each in (base, text))
    return [value for value in (after - before) if value not in HARMLESS]


def _compared(source: str) -> list[Any]:
    return [
        side.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Constant) and not isinstance(side.value, bytes)
    ]


def _arguments(calls: Sequence[Call]) -> set[Any]:
    found: set[Any] = set()
    for call in calls:
        for value in ast.literal_eval(call.arguments):
            if isinstance(value, str | int | float):
                found.add(value)
    return found


def _mentioned(literal: Any, base: str) -> bool:
    return isinstance(literal, int | float) and str(literal) in base


def constant(observed: Sequence[Observation], base: Sequence[Observation]) -> bool:
    """Whether a candidate answers the same to every call, though the code as it is does not."""
    answers, before = {canonical(each) for each in observed}, {canonical(each) for each in base}
    return len(observed) >= LEAST_CALLS and len(answers) == 1 and len(before) > 1
