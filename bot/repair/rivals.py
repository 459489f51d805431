"""Plausible candidates side by side: what each does on inputs nobody wrote down, and which of them do the same."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.behaviour.differences import canonical, classes
from bot.harness.harness import Call, Observation, ObservedKind, Variant, Variants
from bot.repair.enumeration import Candidate

BASE = "base"


@dataclass(frozen=True)
class Rivals:
    """The plausible candidates in classes of like behaviour, the class with the likeliest candidate first."""

    groups: tuple[tuple[Candidate, ...], ...]
    calls: tuple[Call, ...]
    observed: tuple[tuple[Observation, ...], ...]
    """Per class, what the calls do."""
    base: tuple[Observation, ...]
    """What they do on the code as it is."""


def compare(variants: Variants, plausible: Sequence[Candidate], calls: Sequence[Call], text: str) -> Rivals:
    """Group the candidates, all of one file whose text now is ``text``, by what they do on ``calls``."""
    path = plausible[0].path
    named = {str(at): candidate for at, candidate in enumerate(plausible)}
    asked = [Variant(BASE, {path: text}), *(Variant(name, {each.path: each.text}) for name, each in named.items())]
    observed = dict(variants.observe(asked, calls)) if calls else {}
    base = observed.pop(BASE, ())
    useful = _useful(observed, base, len(calls))
    kept = tuple(calls[at] for at in useful)
    seen = {name: tuple(each[at] for at in useful) for name, each in observed.items()}
    groups = classes(seen) if seen else (tuple(named),)
    ranked = sorted(groups, key=lambda members: (-max(named[each].score for each in members), members))
    return Rivals(
        tuple(tuple(sorted((named[each] for each in members), key=lambda each: -each.score)) for members in ranked),
        kept,
        tuple(seen.get(members[0], ()) for members in ranked),
        tuple(base[at] for at in useful) if base else (),
    )


def _useful(observed: Mapping[str, Sequence[Observation]], base: Sequence[Observation], count: int) -> list[int]:
    """Leave out calls that say nothing: nobody could make them, or every variant raises or hangs on them."""
    everyone = [*observed.values(), *([base] if base else [])]
    return [at for at in range(count) if any(each[at].kind is ObservedKind.RETURNED for each in everyone)]


def size(candidate: Candidate) -> int:
    """Return how much a candidate writes and removes, in syntax-tree nodes of what it writes."""
    total = 0
    for rewrite in candidate.rewrites:
        try:
            total += sum(1 for _ in ast.walk(ast.parse(rewrite.text.strip() or "pass")))
        except SyntaxError:
            total += len(rewrite.text.split()) + 2
    return total


def apart(one: Sequence[Observation], other: Sequence[Observation]) -> list[int]:
    """Return the places of the calls on which two classes differ."""
    return [at for at, (left, right) in enumerate(zip(one, other, strict=True)) if canonical(left) != canonical(right)]
