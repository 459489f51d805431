"""Emit, ask, or abstain: how likely it is that the best class of plausible changes is what was wanted."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.behaviour.differences import canonical
from bot.harness.harness import Call, Observation, ObservedKind
from bot.repair.rivals import Rivals

EMIT = 0.34
"""Least confidence to emit a change; below it the rivals are worth a question. Confidence is a share, no probability: of the
training cases at or above this one, nine in ten were right (``benchmarks/repair.py`` measures it)."""
EMIT_ON_LITTLE = 0.5
"""The same where at most :data:`LITTLE` calls were ever said to be right: on the training cases that turned as many wrong
changes into questions as right ones."""
LITTLE = 2
SHARPNESS = 0.8
"""How much a better score counts: under 1, so that many faint rivals together weigh against the first."""
UNSEEN = 0.03
"""Weight of all the changes that the templates cannot make."""
TIE = 1.1
"""A first class not this much better than its first rival is a coin toss."""
BAD = 0.8
"""How much of its worth a class loses that raises, hangs or gives a value of an odd type wherever it is asked."""
SEVERAL = 0.2
"""What every further edit leaves of a change's worth: two wrong edits pass by chance more easily than one."""


@dataclass(frozen=True)
class Ranked:
    """A class and what speaks for it."""

    group: int
    worth: float
    """Its best candidate's score after all that speaks against its behaviour."""


def ranked(rivals: Rivals) -> tuple[Ranked, ...]:
    """Return the classes, the one most likely wanted first."""
    tested = [call in rivals.tested for call in rivals.calls]
    found = [
        Ranked(at, members[0].score * SEVERAL ** (len(members[0].rewrites) - 1) * _behaves(rivals.observed[at], tested))
        for at, members in enumerate(rivals.groups)
    ]
    return tuple(sorted(found, key=lambda each: (-each.worth, each.group)))


def _behaves(observed: Sequence[Observation], tested: Sequence[bool]) -> float:
    """Return 1 for a class that always answers, with the types it gives where the tests look; less for each that it does not."""
    if not observed:
        return 1.0
    bad = sum(each.kind is not ObservedKind.RETURNED for each in observed)
    types = {_sort(each) for each, known in zip(observed, tested, strict=True) if known and each.kind is ObservedKind.RETURNED}
    odd = sum(bool(types) and each.kind is ObservedKind.RETURNED and _sort(each) not in types for each in observed)
    return (1 - BAD * bad / len(observed)) * (1 - BAD * odd / len(observed))


def _sort(observation: Observation) -> str:
    return "number" if observation.type in {"int", "float"} else observation.type


def is_enough(sure: float, rivals: Rivals) -> bool:
    """Return whether a confidence is enough to emit: the fewer examples anybody gave, the more it takes."""
    return sure >= (EMIT_ON_LITTLE if len(rivals.tested) <= LITTLE else EMIT)


def confidence(rivals: Rivals, order: tuple[Ranked, ...]) -> float:
    """Return how likely the first class is the wanted one, next to the others and to what was never tried: 0 to 1, 0 on a tie.

    A class that differs from the first only where an argument is empty, which no test has it, is no rival.
    """
    usual = [not outlandish(call, rivals.tested) for call in rivals.calls]
    first = _telling(rivals.observed[order[0].group], usual)
    weights = [float(each.worth**SHARPNESS) for each in order]
    same = [_telling(rivals.observed[each.group], usual) == first and bool(first) for each in order]
    rival = next((each.worth for each, alike in zip(order, same, strict=True) if not alike and each is not order[0]), 0.0)
    if order[0].worth < TIE * rival:
        return 0.0
    mine = sum(weight for weight, alike in zip(weights, same, strict=True) if alike) or weights[0]
    return mine / (sum(weights) + UNSEEN)


def _telling(observed: Sequence[Observation], usual: Sequence[bool]) -> list[str]:
    return [canonical(each) for each, plain in zip(observed, usual, strict=False) if plain]


def outlandish(call: Call, tested: Collection[Call]) -> bool:
    """Return whether an argument is empty where the tests never pass an empty one."""
    for at, value in enumerate(ast.literal_eval(call.arguments)):
        if isinstance(value, str | list | tuple | dict | set) and not value:
            rows = [ast.literal_eval(each.arguments) for each in tested if each.qualname == call.qualname]
            if not any(len(row) > at and not row[at] for row in rows):
                return True
    return False
