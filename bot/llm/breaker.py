"""A circuit breaker, as pure data: who keeps failing is left alone for a while, then tried by one call at a time.

::

    closed ── in_a_row failures, or a share of them in the window ──> open
    open ── the rest is over ──> half-open: one probe at a time
    half-open ── the probe is answered ──> closed
    half-open ── the probe fails ──> open, for twice as long (up to longest_rest)

Time is any clock that only goes forward, in seconds. Whoever calls asks :func:`admit` before and tells :func:`heard` or
:func:`released` after, with the turn that admit gave: what was begun before the breaker last changed its mode says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Mode(StrEnum):
    """Whether calls go through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True)
class Rules:
    """When a breaker opens, and for how long."""

    in_a_row: int = 5
    """Failures without a success between them that open it."""
    share: float = 0.5
    """Of the calls in the window: failures that open it, once there are ``least`` calls."""
    least: int = 10
    window: float = 120.0
    """Seconds that a call is remembered."""
    rest: float = 10.0
    """Seconds that it stays open the first time."""
    longest_rest: float = 300.0


DEFAULT = Rules()
_MOST_REMEMBERED = 200
"""Calls of the window that are kept: what a busy hour adds to memory is bounded."""


@dataclass(frozen=True)
class Breaker:
    """What is known of one provider."""

    mode: Mode = Mode.CLOSED
    recent: tuple[tuple[float, bool], ...] = ()
    """When calls ended, and whether well; oldest first."""
    in_a_row: int = 0
    opened: float = 0.0
    """When it opened last."""
    rest: float = 0.0
    """Seconds that it stays open from then."""
    probing: bool = False
    turn: int = 0
    """Rises with every change of mode."""


@dataclass(frozen=True)
class Admission:
    """Whether a call may go out."""

    breaker: Breaker
    turn: int | None
    """What to give back with the outcome; None: not now."""
    wait: float = 0.0
    """Seconds until asking again can help; 0 where only the probe's end tells."""
    asked: bool = False
    """Whether it is the provider that asks for this."""


def admit(breaker: Breaker, now: float, rules: Rules = DEFAULT) -> Admission:
    """Ask whether a call may go out now."""
    if breaker.mode is Mode.CLOSED:
        return Admission(breaker, breaker.turn)
    if breaker.mode is Mode.OPEN:
        wait = breaker.opened + breaker.rest - now
        if wait > 0:
            return Admission(breaker, None, min(wait, rules.longest_rest))
        breaker = replace(breaker, mode=Mode.HALF_OPEN, probing=False, turn=breaker.turn + 1)
    if breaker.probing:
        return Admission(breaker, None)
    return Admission(replace(breaker, probing=True), breaker.turn)


def heard(breaker: Breaker, turn: int, now: float, rules: Rules = DEFAULT, *, good: bool) -> Breaker:
    """Return the breaker once a call that was admitted has ended well or badly."""
    if turn != breaker.turn or breaker.mode is Mode.OPEN:
        return breaker
    if breaker.mode is Mode.HALF_OPEN:
        if good:
            return Breaker(turn=breaker.turn + 1)
        return _open(breaker, now, min(max(breaker.rest, rules.rest) * 2, rules.longest_rest))
    recent = tuple(each for each in breaker.recent if each[0] > now - rules.window)[-_MOST_REMEMBERED + 1 :]
    told = replace(breaker, recent=(*recent, (now, good)), in_a_row=0 if good else breaker.in_a_row + 1)
    return _open(told, now, min(rules.rest, rules.longest_rest)) if not good and _too_bad(told, rules) else told


def released(breaker: Breaker, turn: int) -> Breaker:
    """Return the breaker once a call that was admitted has ended in a way that says nothing of the provider's health."""
    if turn == breaker.turn and breaker.mode is Mode.HALF_OPEN:
        return replace(breaker, probing=False)
    return breaker


def _too_bad(breaker: Breaker, rules: Rules) -> bool:
    if breaker.in_a_row >= rules.in_a_row:
        return True
    bad = sum(not good for _, good in breaker.recent)
    return len(breaker.recent) >= rules.least and bad >= rules.share * len(breaker.recent)


def _open(breaker: Breaker, now: float, rest: float) -> Breaker:
    return Breaker(Mode.OPEN, opened=now, rest=rest, turn=breaker.turn + 1)
