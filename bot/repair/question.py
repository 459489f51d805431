"""When plausible changes disagree: the one call that tells them apart best, to put to a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.behaviour.differences import canonical, outcome, written
from bot.harness.harness import Call, Observation, ObservedKind
from bot.repair.enumeration import Candidate
from bot.repair.rivals import Rivals

MOST_READINGS = 4
LONGEST_CALL = 120
LONGEST_ANSWER = 200


@dataclass(frozen=True)
class Doubt:
    """A call, and what it gives under each reading, the likeliest reading first."""

    call: str
    readings: tuple[tuple[Candidate, str], ...]


def doubt(rivals: Rivals, groups: Sequence[int]) -> Doubt | None:
    """Return the simplest telling call for the classes ``groups`` (places in ``rivals.groups``); None where there is none."""
    best: tuple[tuple[int, int, int, int], int] | None = None
    for at, call in enumerate(rivals.calls):
        rank = _rank(call, [rivals.observed[group][at] for group in groups])
        if rank is not None and (best is None or rank < best[0]):
            best = rank, at
    if best is None:
        return None
    at = best[1]
    readings: dict[str, tuple[Candidate, str]] = {}
    for group in groups:
        seen = rivals.observed[group][at]
        readings.setdefault(canonical(seen), (rivals.groups[group][0], outcome(seen)))
    return Doubt(written(rivals.calls[at]), tuple(readings.values())[:MOST_READINGS])


def _rank(call: Call, observed: Sequence[Observation]) -> tuple[int, int, int, int] | None:
    """Best first: the first two differ; nobody raises; more readings; a short call with short answers."""
    values = [canonical(each) for each in observed]
    text = written(call)
    if len(set(values)) < 2 or len(text) > LONGEST_CALL or max(len(outcome(each)) for each in observed) > LONGEST_ANSWER:  # noqa: PLR2004 - nothing to tell apart
        return None
    odd = sum(each.kind is not ObservedKind.RETURNED or each.value == "None" for each in observed)
    empty = any(mark in text for mark in ("()", "[]", "''", "{}"))
    return int(values[0] == values[1]), odd + empty, -min(len(set(values)), MOST_READINGS), len(text)
