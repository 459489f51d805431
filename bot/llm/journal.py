"""What is written down of every call to a model and every change from one to the next, and by whom it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from bot.llm.asking import Duty, Usage

UNDER_WAY: Final = "under way"
"""The outcome of a call that nobody has heard the end of."""


@dataclass(frozen=True)
class Call:
    """One request that went out, and what came of it."""

    duty: Duty
    provider: str
    model: str
    usage: Usage
    """Its own. Where the vendor did not say, tokens are estimated: better too many than none."""
    seconds: float
    outcome: str
    """``answered``, ``used tools``, :data:`UNDER_WAY`, or in a few words what was wrong with it."""
    why: str = ""
    """More of what was wrong, one clipped line; hostile text like all that a vendor says."""

    @property
    def author(self) -> str:
        """Return who was asked, ``provider:model``."""
        return f"{self.provider}:{self.model}"


@dataclass(frozen=True)
class Switch:
    """One seat given up for the next."""

    duty: Duty
    left: str
    """``provider:model``."""
    taken: str
    why: str


class Journal(Protocol):
    """Keeps it for one run, and knows what the run spent before this process had it."""

    async def spent(self) -> Usage:
        """Return what the run has spent so far, and what its calls under way may cost at most.

        Its money is that of the calls whose price is known.
        """
        ...

    async def begun(self, call: Call) -> int:
        """Write down a call that is about to go out, with what it may cost at most; return its number.

        A call whose end is never heard, because the process died, goes on counting as much. Whoever keeps the journal of several
        runs knows what they share: between the look at it and the writing nobody else writes.

        Raises:
            OverBudget: it would go beyond what the run shares with others; nothing is written then.
        """
        ...

    async def called(self, number: int, call: Call) -> None:
        """Write down how a call that was begun has ended."""
        ...

    async def switched(self, switch: Switch) -> None:
        """Write down that one seat was given up for another."""
        ...
