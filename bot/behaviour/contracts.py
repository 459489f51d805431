"""What a function promises on every input, asked of what it was seen to do.

Promises come from four places: that code does not fall over by accident (``accidents.py``), that it keeps the kind of
result its examples show (here), what its words say (``promises.py``), and what is meant by well-known words
(``notions.py``). A promise that does not hold on the examples people wrote down was misread and is dropped.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.behaviour.accidents import accident
from bot.behaviour.differences import canonical, outcome, written
from bot.behaviour.notions import notions
from bot.behaviour.promises import Promise, promises
from bot.behaviour.rows import Row, changed_argument, rows
from bot.behaviour.touched import FunctionNode, Routine
from bot.harness.harness import Call, Observation, ObservedKind

ENOUGH = 2
"""Examples it takes before what they have in common counts."""


@dataclass(frozen=True)
class Watched:
    """Everything known of one function: the calls made, the calls people wrote among them, and what came of each."""

    routine: Routine
    words: str
    """What is said of it: docstring and instruction."""
    calls: tuple[Call, ...]
    after: tuple[Observation, ...]
    examples: frozenset[Call]
    before: tuple[Observation, ...] = ()
    """What the code did before the change on the same calls; empty where it could not be asked."""


@dataclass(frozen=True)
class Breach:
    """A call on which a promise is broken."""

    rule: str
    why: str
    call: str
    gave: str
    sure: bool = True
    """False for what is odd but may be meant."""


@dataclass(frozen=True)
class Contract:
    """One thing that was asked of a function, and what came of it."""

    rule: str
    fault: str
    """What it would be if it were broken."""
    asked: int
    """On so many calls."""
    breach: Breach | None = None
    """The first call on which it does not hold."""


def contracts(watched: Watched) -> tuple[Contract, ...]:
    """Return what the function was held to, each rule once: what could be asked of no call is none of them."""
    after = rows(watched.calls, watched.after)
    examples = tuple(row for row in after if row.call in watched.examples)
    others = tuple(row for row in after if row.call not in watched.examples)
    before = dict(zip(watched.calls, watched.before, strict=True)) if watched.before else {}
    found: dict[str, Contract] = {}
    for each in _all(watched, examples, others, before):
        if each.rule not in found or (found[each.rule].breach is None and each.breach is not None):
            found[each.rule] = each
    return tuple(found.values())


def breaches(watched: Watched) -> tuple[Breach, ...]:
    """Return what the function does against what it promises: at most one breach per rule, first in the calls' order."""
    return tuple(each.breach for each in contracts(watched) if each.breach is not None)


def _all(
    watched: Watched, examples: tuple[Row, ...], others: tuple[Row, ...], before: dict[Call, Observation]
) -> Iterator[Contract]:
    new = tuple(row for row in others if not _as_before(row, before))
    if examples:
        yield from _held("accident", "it falls over by accident", len(new), _accidents(new, examples, before))
    kinds = _unlike_examples(watched.routine.node, examples, new)
    yield from _held("kind-of-result", "it gives something of another kind or structure than the examples", len(new), kinds)
    for promise in promises(watched.routine.node, watched.words):
        yield from _asked(promise, examples, new)
    for promise in notions(watched.words):
        yield from _asked(promise, examples, others)
    known = sum(row.call in before for row in (*examples, *others))
    meddling = _meddling((*examples, *others), before)
    yield from _held("argument-changed", "it changes arguments that the old code left alone", known, meddling)


def _held(rule: str, fault: str, asked: int, found: Iterator[Breach]) -> Iterator[Contract]:
    """Yield a contract per broken rule, else the one that was kept."""
    broken = {each.rule: each for each in reversed(list(found))}
    yield from (Contract(each.rule, each.why, asked, each) for each in reversed(broken.values()))
    if asked and not broken:
        yield Contract(rule, fault, asked)


def _accidents(new: tuple[Row, ...], examples: tuple[Row, ...], before: dict[Call, Observation]) -> Iterator[Breach]:
    for row in new:
        odd = accident(row, examples, before.get(row.call))
        if odd is not None:
            yield _breach(odd.rule, odd.why, row, sure=odd.sure)


def _as_before(row: Row, before: dict[Call, Observation]) -> bool:
    """Whether the old code did just the same: then it is not the change that breaks a promise."""
    old = before.get(row.call)
    return old is not None and canonical(old) == canonical(row.observation)


def _breach(rule: str, why: str, row: Row, *, sure: bool = True) -> Breach:
    return Breach(rule, why, written(row.call), outcome(row.observation), sure)


def _asked(promise: Promise, examples: Sequence[Row], others: Sequence[Row]) -> Iterator[Contract]:
    """Ask a promise of all rows, unless the examples show that it was misread or say too little of it."""
    answers = [promise.holds(row) for row in examples if row.returned]
    if False in answers or answers.count(True) < promise.examples:
        return
    fit = [row for row in others if row.returned and (not promise.near or _is_near(row, examples))]
    broken = next((row for row in fit if promise.holds(row) is False), None)
    breach = _breach(promise.rule, promise.says, broken) if broken is not None else None
    if fit:
        yield Contract(promise.rule, promise.says, len(fit), breach)


def _is_near(row: Row, examples: Sequence[Row]) -> bool:
    changed = changed_argument(row, examples)
    return changed is not None and isinstance(changed[1], list | tuple | str | dict | set)


def _unlike_examples(node: FunctionNode, examples: Sequence[Row], others: Sequence[Row]) -> Iterator[Breach]:
    """Results of another kind than all examples have: text for numbers, nothing where no ``None`` is written."""
    known = [row.value for row in examples if row.returned]
    if len(known) < ENOUGH or any(row.observation.kind is ObservedKind.RETURNED and not row.returned for row in examples):
        return
    kinds = {kind(value) for value in known}
    shapes = {_shape(value) for value in known}
    for row in (each for each in others if each.returned):
        if row.value is None and "nothing" not in kinds and not _writes_none(node):
            yield _breach("unasked-none", "on some inputs it ends without a result", row)
        elif row.value is not None and kind(row.value) not in kinds:
            yield _breach("kind-of-result", f"all examples give {_listed(kinds)}, this gives {kind(row.value)}", row)
        elif _is_other_tuple(row.value, shapes):
            yield _breach("structure", f"all examples give {_listed(shapes)}, this gives {_shape(row.value)}", row)


def kind(value: Any) -> str:
    """Return the broad kind of a value; whole and broken numbers are one kind."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float | complex):
        return "a number"
    if isinstance(value, str | bytes):
        return "text"
    return "a container"


def _shape(value: Any) -> str:
    """Return the kinds inside a short tuple, else the broad kind."""
    if isinstance(value, tuple) and value:
        return f"({', '.join(kind(each) for each in value)})"
    return kind(value)


def _is_other_tuple(value: Any, shapes: set[str]) -> bool:
    if not isinstance(value, tuple) or None in value or len(shapes) != 1:
        return False
    (shape,) = shapes
    return shape.startswith("(") and shape.count(",") == len(value) - 1 and _shape(value) != shape and "nothing" not in shape


def _listed(words: set[str]) -> str:
    return " or ".join(sorted(words))


def _writes_none(node: FunctionNode) -> bool:
    """Whether the function's own text speaks of None: then giving it is meant."""
    returns = [each for each in ast.walk(node) if isinstance(each, ast.Return)]
    if any(each.value is None for each in returns) or not returns:
        return True
    return any(isinstance(each, ast.Constant) and each.value is None for part in node.body for each in ast.walk(part))


def _meddling(seen: Sequence[Row], before: dict[Call, Observation]) -> Iterator[Breach]:
    """Arguments that are changed on the way, where the old code left them alone on the same call."""
    for row in seen:
        old = before.get(row.call)
        if old is None or old.kind is not ObservedKind.RETURNED or row.observation.kind is not ObservedKind.RETURNED:
            continue
        if row.observation.arguments_after and not old.arguments_after:
            yield _breach("argument-changed", "it changes its argument, which the old code left as it was", row)
            return
