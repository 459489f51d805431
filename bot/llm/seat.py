"""A seat: one model at one provider, with what it costs; each duty has its seats in order."""

from __future__ import annotations

from dataclasses import dataclass

from bot.llm.prices import Price
from bot.llm.provider import Provider


@dataclass(frozen=True)
class Seat:
    """Who may answer."""

    provider: Provider
    model: str
    """As the provider's endpoint knows it."""
    price: Price | None = None
    """None: nobody knows; what it says then counts as tokens and calls, not as money."""

    @property
    def author(self) -> str:
        """Return who speaks from it, ``provider:model``."""
        return f"{self.provider.name}:{self.model}"
