"""Emit, ask, or abstain: how likely it is that the best class of plausible changes is what was wanted."""

from __future__ import annotations

from dataclasses import dataclass

from bot.harness.harness import Observation, ObservedKind
from bot.repair.rivals import Rivals

EMIT = 0.55
"""Least confidence to emit a change; below it the rivals are worth a question."""
SHARPNESS = 1.5
"""How much a better score counts."""
UNSEEN = 0.003
"""Weight of all the changes that the templates cannot make. All three were fitted by likelihood on one half of HumanEvalFix,
split by group; ``benchmarks/repair.py`` measures what they give."""
BAD = 0.8
"""How much of its worth a class loses that raises, hangs or gives None wherever it is asked."""


@dataclass(frozen=True)
class Ranked:
    """A class and what speaks for it."""

    group: int
    worth: float
    """Its best candidate's score after all that speaks against its behaviour."""


def ranked(rivals: Rivals) -> tuple[Ranked, ...]:
    """Return the classes, the one most likely wanted first."""
    found = [Ranked(at, members[0].score * _behaves(rivals.observed[at])) for at, members in enumerate(rivals.groups)]
    return tuple(sorted(found, key=lambda each: (-each.worth, each.group)))


def _behaves(observed: tuple[Observation, ...]) -> float:
    if not observed:
        return 1.0
    bad = sum(each.kind is not ObservedKind.RETURNED for each in observed) / len(observed)
    nothing = sum(each.value == "None" for each in observed) / len(observed)
    return (1 - BAD * bad) * (1 - BAD * nothing if nothing < 1 else 1.0)


def confidence(order: tuple[Ranked, ...]) -> float:
    """Return how likely the first class is the wanted one, next to the others and to what was never tried: 0 to 1."""
    weights = [float(each.worth**SHARPNESS) for each in order]
    return weights[0] / (sum(weights) + UNSEEN)
