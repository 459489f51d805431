"""What a failed request means: whether to try again and when, what it says of the provider, what it may have cost. Pure.

=============  ============  ====================================  =================================
kind           tried again   says of the provider's health         may have cost
=============  ============  ====================================  =================================
timeout        yes           bad                                   what was sent, and all it may say
rate limited   yes           bad: others may have room             nothing
overloaded     yes           bad                                   nothing
unavailable    yes           bad                                   what was heard, if anything
cut off        yes           bad                                   what was sent, and all it may say
malformed      yes           bad                                   what was sent, and all it may say
denied         no            nothing: the key is wrong, not it     nothing
rejected       where learned nothing: it was the request           nothing
too long       no            nothing: it was the request           nothing
=============  ============  ====================================  =================================

What a model thinks in silence is charged for like what it says, so what was heard of a lost answer says nothing of its cost.
A denied key does not open the breaker: each question then says that the key is wrong, rather than that the provider rests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.llm.budget import tokens_in
from bot.llm.provider import Failure, FailureKind

_ASKED_WRONGLY: Final = frozenset({FailureKind.DENIED, FailureKind.REJECTED, FailureKind.TOO_LONG})
_AT_WORK: Final = frozenset({FailureKind.TIMEOUT, FailureKind.CUT, FailureKind.MALFORMED})
"""The vendor may have been answering, and charges for it."""


class OverLong(Failure):
    """An answer that went on beyond any sane length and was not heard to its end."""

    def __init__(self, most: int) -> None:
        super().__init__(FailureKind.MALFORMED, f"the answer is longer than {most:,} characters")


@dataclass(frozen=True)
class Patience:
    """How long one seat is borne with."""

    tries: int = 3
    first_pause: float = 1.0
    """Seconds: a pause is anywhere between nothing and this, and twice as much after every further failure."""
    longest_pause: float = 20.0
    longest_wait: float = 30.0
    """Seconds of ``Retry-After`` that are waited for; where a vendor asks for more, the next seat is asked instead."""
    call_seconds: float = 600.0
    """Wall time of one call, however much keeps coming."""
    tool_seconds: float = 20.0
    """Wall time of one use of a tool."""
    rounds: int = 8
    """Rounds of tools for one answer."""


def pause(failure: Failure, tried: int, patience: Patience, chance: Callable[[], float]) -> float | None:
    """Return seconds until the same seat is tried again; None where the next one is to be asked.

    Args:
        failure: of the last try.
        tried: how many there were.
        patience: the rules.
        chance: a random number from 0 to 1, times which a pause is taken: those who failed together do not return together.
    """
    if failure.learned:  # an adapter learns of each thing once
        return 0.0
    if isinstance(failure, OverLong) or failure.kind in _ASKED_WRONGLY or tried >= patience.tries:
        return None
    own = chance() * min(patience.longest_pause, patience.first_pause * 2.0 ** (tried - 1))
    if failure.after is None:
        return own
    return max(failure.after, own) if failure.after <= patience.longest_wait else None


def speaks_against(failure: Failure) -> bool | None:
    """Return False where a failure speaks against the provider's health, as a breaker hears it; None where it says nothing."""
    return None if isinstance(failure, OverLong) or failure.kind in _ASKED_WRONGLY else False


def billed(failure: Failure, sent: int, most: int, heard: int) -> tuple[int, int]:
    """Return tokens in and out that the vendor may charge for.

    Args:
        failure: what became of the answer.
        sent: tokens of the request.
        most: tokens that the answer might have had.
        heard: characters that came of it.
    """
    if failure.kind in _AT_WORK:
        return sent, max(most, tokens_in(heard))
    return (sent, tokens_in(heard)) if heard else (0, 0)
