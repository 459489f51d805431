"""Endings that nobody means: an unbound name, a missing attribute, endless recursion, an input like the examples that crashes.

Code raises ``ValueError`` or ``KeyError`` on purpose all the time, so those count only where the old code had an answer.
Measured on a thousand accepted and four hundred refuted patches of small functions: the sure ones reject one in
a hundred of the good and one in twelve of the bad.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.behaviour.rows import Row, changed_argument
from bot.harness.harness import Observation, ObservedKind

NEVER_MEANT = frozenset(
    {"UnboundLocalError", "NameError", "AttributeError", "RecursionError", "AssertionError", "StopIteration", "SystemExit"}
)
"""Exceptions that no caller is told to expect."""


@dataclass(frozen=True)
class Accident:
    """Why an ending cannot be meant."""

    rule: str
    why: str
    sure: bool


def accident(row: Row, examples: Sequence[Row], before: Observation | None) -> Accident | None:
    """Return why this call's ending looks unmeant; None where it does not."""
    kind = row.observation.kind
    had_answer = before is not None and before.kind is ObservedKind.RETURNED
    if kind is ObservedKind.CRASHED:
        return Accident("crash", "the process dies on an input like the examples", sure=True)
    if kind is ObservedKind.TIMED_OUT and had_answer:
        return Accident("endless", "it does not come to an end where the old code did", sure=False)
    if kind is not ObservedKind.RAISED or (_has_negative(row) and not any(map(_has_negative, examples))):
        return None
    name = row.observation.type.rpartition(".")[2]
    if name in NEVER_MEANT or _is_slip(name, changed_argument(row, examples), row):
        return Accident("accident", f"{name} is raised on an input like the examples", sure=True)
    return Accident("new-crash", f"{name} is raised where the old code had an answer", sure=False) if had_answer else None


def _has_negative(row: Row) -> bool:
    """Whether a bare number below nothing was given: no input like the examples where none of them has one."""
    return any(isinstance(each, int | float) and each < 0 for each in row.arguments)


def _is_slip(name: str, near: tuple[Any, Any] | None, row: Row) -> bool:
    """Whether an exception that may be meant cannot be here: one argument of an example was changed, and kept its kind."""
    if near is None:
        return False
    if name == "TypeError":
        return type(near[0]) is type(near[1]) and not isinstance(near[1], list | tuple | dict | set)
    return name == "IndexError" and (all(isinstance(each, str) for each in near) or _nearer_to_nothing(*near, row))


def _nearer_to_nothing(before: Any, after: Any, row: Row) -> bool:
    """Whether a number was made smaller, and there is no collection that it may have to fit."""
    if not all(isinstance(each, int | float) for each in row.arguments):
        return False
    return isinstance(after, int) and isinstance(before, int) and abs(after) < abs(before)
