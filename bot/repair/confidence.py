"""Emit, ask, or abstain: how likely it is that the best class of plausible changes is what was wanted."""

from __future__ import annotations

from dataclasses import dataclass

from bot.harness.harness import Observation, ObservedKind
from bot.repair.rivals import Rivals

EMIT = 0.5


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
    return (1 - 0.8 * bad) * (1 - 0.8 * nothing if nothing < 1 else 1.0)


def confidence(order: tuple[Ranked, ...]) -> float:
    """Return how likely the first class is the wanted one, next to the others: 0 to 1."""
    total = sum(each.worth for each in order)
    return order[0].worth / total if total else 0.0
