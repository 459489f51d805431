"""Plausible candidates side by side: what each does on inputs nobody wrote down, and which of them do the same."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.behaviour.differences import classes
from bot.harness.harness import Call, Observation, ObservedKind, Variant, Variants
from bot.repair.enumeration import Candidate

BASE = "base"
MOST_COMPARED = 60
MOST_HUNG = 2

T = TypeVar("T")


@dataclass(frozen=True)
class Rivals:
    """The plausible candidates in classes of like behaviour, the class with the likeliest candidate first."""

    groups: tuple[tuple[Candidate, ...], ...]
    calls: tuple[Call, ...]
    observed: tuple[tuple[Observation, ...], ...]
    """Per class, what the calls do."""
    base: tuple[Observation, ...]
    """What they do on the code as it is."""
    tested: frozenset[Call] = frozenset()
    """Calls that the shown tests make: what every class does there is right."""


@dataclass(frozen=True)
class Probes:
    """What plausible candidates are compared by."""

    calls: tuple[Call, ...]
    tested: frozenset[Call]
    """Calls that the shown tests make."""
    base: str
    """The file's text as it is; '' where it hangs and is not to be watched."""
    until: float
    """On the monotonic clock: who was not observed by then is left out."""


def compare(variants: Variants, plausible: Sequence[Candidate], probes: Probes) -> Rivals:
    """Group the candidates, all of one file, by what they do on the probes' calls."""
    best = _likeliest_first(plausible)[:MOST_COMPARED]
    named = {str(at): candidate for at, candidate in enumerate(best)}
    calls = _ending(variants, best[0], probes.calls)
    observed = _observed(variants, _asked(named, best[0].path, probes.base), calls, probes.until)
    base = observed.pop(BASE, ())
    named = {name: each for name, each in named.items() if name in observed} or named
    useful = _useful(observed, base, len(calls))
    kept = _picked(calls, useful)
    seen = {name: _picked(each, useful) for name, each in observed.items()}
    groups = classes(seen) if kept else tuple((name,) for name in named)
    ranked = sorted(groups, key=lambda members: (-max(named[each].score for each in members), members))
    return Rivals(
        tuple(_likeliest_first(named[each] for each in members) for members in ranked),
        kept,
        tuple(seen.get(members[0], ()) for members in ranked),
        _picked(base, useful) if base else (),
        probes.tested,
    )


def _likeliest_first(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple(sorted(candidates, key=lambda each: -each.score))


def _picked(every: Sequence[T], places: Sequence[int]) -> tuple[T, ...]:
    return tuple(every[at] for at in places)


def _asked(named: Mapping[str, Candidate], path: str, base: str) -> list[Variant]:
    """Return the variants to watch: the code as it is, where it is to be watched, then the candidates."""
    candidates = [Variant(name, {each.path: each.text}) for name, each in named.items()]
    return [Variant(BASE, {path: base}), *candidates] if base else candidates


def _observed(
    variants: Variants, asked: Sequence[Variant], calls: Sequence[Call], until: float
) -> dict[str, tuple[Observation, ...]]:
    found: dict[str, tuple[Observation, ...]] = {}
    for name, seen in variants.observe(asked, calls) if calls else ():
        found[name] = seen
        if time.monotonic() > until and len(found) > 1:
            break
    return found


def _ending(variants: Variants, best: Candidate, calls: Sequence[Call]) -> list[Call]:
    """Leave out most calls on which the likeliest candidate hangs: each would cost its whole time limit again and again."""
    if not calls:
        return []
    (_, observed), *_ = variants.observe([Variant(BASE, {best.path: best.text})], calls)
    hung = [at for at, each in enumerate(observed) if each.kind in {ObservedKind.TIMED_OUT, ObservedKind.CRASHED}]
    return [call for at, call in enumerate(calls) if at not in hung[MOST_HUNG:]]


def _useful(observed: Mapping[str, Sequence[Observation]], base: Sequence[Observation], count: int) -> list[int]:
    """Leave out calls that say nothing: nobody could make them, or every variant raises or hangs on them."""
    everyone = [*observed.values(), *([base] if base else [])]
    return [at for at in range(count) if any(each[at].kind is ObservedKind.RETURNED for each in everyone)]
