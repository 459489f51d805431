"""Emit, ask, or abstain: how likely it is that the best class of plausible changes is what was wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.harness.harness import Observation, ObservedKind
from bot.repair.rivals import Rivals

EMIT = 0.56
"""Least confidence to emit a change; below it the rivals are worth a question."""
SHARPNESS = 1.5
"""How much a better score counts."""
UNSEEN = 0.003
"""Weight of all the changes that the templates cannot make. All three were fitted by likelihood on one half of HumanEvalFix,
split by group; ``benchmarks/repair.py`` measures what they give."""
BAD = 0.8
"""How much of its worth a class loses that raises, hangs or gives a value of an odd type wherever it is asked."""
SEVERAL = 0.4
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


def confidence(order: tuple[Ranked, ...]) -> float:
    """Return how likely the first class is the wanted one, next to the others and to what was never tried: 0 to 1."""
    weights = [float(each.worth**SHARPNESS) for each in order]
    return weights[0] / (sum(weights) + UNSEEN)
