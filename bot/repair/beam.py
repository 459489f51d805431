"""Several edits: what helped a little becomes the ground for a second and a third edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.repair.enumeration import Candidate, Ground
from bot.repair.localisation import Suspect, suspects
from bot.repair.source import SourceFile
from bot.repair.trial import Judged

WIDTH = 16
"""Grounds kept for the next edit."""
KEPT_WITNESSES = 1.0
LOST_GUARDS = 0.35
CHANGED_FAILURE = 0.12
"""What a partial repair is worth as a ground: it passes more witnesses; it does but loses guards; it only fails otherwise."""


def worth(judged: Judged, witnesses: int) -> float:
    """Return how good a ground this partial repair is; 0 where it is none."""
    share = judged.witnesses / max(1, witnesses)
    if judged.hung and not judged.witnesses:
        return 0.0
    if judged.witnesses:
        return (KEPT_WITNESSES if not judged.lost else LOST_GUARDS) * (0.5 + share)
    return CHANGED_FAILURE if judged.changed and not judged.lost else 0.0


def grounds(
    partial: Sequence[Judged], witnesses: int, lines: Mapping[str, Mapping[int, float]], base: Ground, words: str
) -> list[Ground]:
    """Return the best partial repairs as grounds, each with the suspicion of its lines carried over."""
    ranked = sorted(
        ((worth(each, witnesses) * max(each.candidate.score, 0.02), at, each) for at, each in enumerate(partial)),
        key=lambda each: (-each[0], each[1]),
    )
    found: list[Ground] = []
    for value, _, judged in ranked:
        if value <= 0 or len(found) >= WIDTH:
            break
        ground = _ground(judged.candidate, value, lines, base, words)
        if ground is not None:
            found.append(ground)
    return found


def _ground(
    candidate: Candidate, value: float, lines: Mapping[str, Mapping[int, float]], base: Ground, words: str
) -> Ground | None:
    try:
        file = SourceFile(candidate.path, candidate.text)
    except (SyntaxError, ValueError):
        return None
    moved = {candidate.path: _shifted(lines.get(candidate.path, {}), candidate, base.file)}
    found: list[Suspect] = suspects({candidate.path: file}, moved, {}, words)
    return Ground(file, found, base.routines, candidate.rewrites, min(1.0, value))


def _shifted(lines: Mapping[int, float], candidate: Candidate, before: SourceFile) -> dict[int, float]:
    """Carry suspicion over one rewrite: lines behind it move, lines that it wrote get what stood there."""
    last = candidate.rewrites[-1]
    first, end = before.line_of(last.start), before.line_of(last.end)
    grown = candidate.text.count("\n") - before.text.count("\n")
    found: dict[int, float] = {}
    for line, score in lines.items():
        found[line + grown if line > end else line] = score
    fresh = max((lines.get(line, 0.0) for line in range(first, end + 1)), default=0.0) or max(lines.values(), default=0.5)
    for line in range(first, end + grown + 1):
        found.setdefault(line, fresh)
    return found
