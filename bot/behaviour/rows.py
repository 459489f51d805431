"""One observed call with its arguments and its value read back from their text, so that contracts can be asked of them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.harness.harness import Call, Observation, ObservedKind

NOTHING: Final = object()
"""Stands for a value that cannot be read back from its text: an object, ``nan``, a generator."""


@dataclass(frozen=True)
class Row:
    """What one call was given and what it gave."""

    call: Call
    observation: Observation
    arguments: tuple[Any, ...]
    value: Any
    """The returned value, or :data:`NOTHING` where it was none that reads back."""

    @property
    def returned(self) -> bool:
        """Whether it came to a value that reads back."""
        return self.observation.kind is ObservedKind.RETURNED and self.value is not NOTHING


def rows(calls: Sequence[Call], observations: Sequence[Observation]) -> tuple[Row, ...]:
    """Return calls and observations as rows; keyword arguments come after the positional ones."""
    return tuple(
        Row(call, seen, _arguments(call), read(seen.value) if seen.kind is ObservedKind.RETURNED else NOTHING)
        for call, seen in zip(calls, observations, strict=True)
    )


def read(text: str) -> Any:
    """Return the value a text stands for, or :data:`NOTHING`."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return set() if text == "set()" else NOTHING


def changed_argument(row: Row, seen: Iterable[Row]) -> tuple[Any, Any] | None:
    """Return (before, after) of the one argument by which the row's call differs from a seen one; None where more do."""
    for other in seen:
        if len(other.arguments) != len(row.arguments) or other.call.receiver != row.call.receiver:
            continue
        apart = [pair for pair in zip(other.arguments, row.arguments, strict=True) if repr(pair[0]) != repr(pair[1])]
        if len(apart) == 1:
            return apart[0]
    return None


def _arguments(call: Call) -> tuple[Any, ...]:
    positional, named = read(call.arguments), read(call.keywords)
    if not isinstance(positional, tuple) or not isinstance(named, dict):
        return ()
    return (*positional, *named.values())
