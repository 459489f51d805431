"""What well-known models cost, and what a call comes to; pure data and arithmetic.

US dollars per million tokens, as read on 2026-11-20 from platform.claude.com/docs/en/about-claude/pricing and from what quotes
developers.openai.com/api/docs/pricing; an operator who knows better says so in PAWL_PRICES. Where a price depends on how long
the request is, the dearer one stands here for Anthropic and the one up to 272,000 tokens for OpenAI: no budget lets Pawl send
more than that at once. What is read from a vendor's cache counts at the cache's price; everything else that is sent counts as if
it had been written into the cache as well, for that may cost more and no answer tells it for every vendor. A budget rather counts
too much than too little.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_MILLION: Final = 1_000_000
_WRITTEN: Final = 1.25
"""Times the input's price: what vendors with a price for writing their cache ask for it."""


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens."""

    input: float
    output: float
    cached: float | None = None
    """Read from the vendor's cache; None: as much as any input."""
    written: float | None = None
    """Sent and not read from the cache; None: as much as any input."""


def _priced(factor: float, *rows: tuple[str, float, float, float]) -> dict[str, Price]:
    return {name: Price(sent, given, cached, sent * factor) for name, sent, given, cached in rows}


KNOWN: Final[Mapping[str, Mapping[str, Price]]] = {
    "anthropic": _priced(
        _WRITTEN,
        ("claude-fable-5-1", 10, 50, 0.25),
        ("claude-fable-5", 10, 50, 1),
        ("claude-opus-5-5", 4, 20, 0.20),
        ("claude-opus-5", 5, 25, 0.50),
        ("claude-opus-4-8", 5, 25, 0.50),
        ("claude-opus-4-7", 5, 25, 0.50),
        ("claude-opus-4-6", 5, 25, 0.50),
        ("claude-opus-4-5", 5, 25, 0.50),
        ("claude-opus-4-1", 15, 75, 1.50),
        ("claude-sonnet-5-5", 2, 10, 0.10),
        ("claude-sonnet-5", 2, 10, 0.20),
        ("claude-sonnet-4-6", 3, 15, 0.30),
        ("claude-sonnet-4-5", 3, 15, 0.30),
        ("claude-haiku-5-5", 0.50, 2.50, 0.05),
        ("claude-haiku-4-5", 1, 5, 0.10),
    ),
    "openai": {
        **_priced(
            _WRITTEN,
            ("gpt-6-astra", 10, 50, 1),
            ("gpt-6-sol", 2, 10, 0.20),
            ("gpt-6-luna", 0.10, 0.50, 0.01),
            ("gpt-5.6", 4, 20, 0.40),
            ("gpt-5.6-sol", 4, 20, 0.40),
            ("gpt-5.6-terra", 2, 12, 0.20),
            ("gpt-5.6-luna", 0.20, 1.20, 0.02),
        ),
        **_priced(
            1,
            ("gpt-5.5", 5, 30, 0.50),
            ("gpt-5.5-pro", 30, 180, 30),
            ("gpt-5.4", 2.50, 15, 0.25),
            ("gpt-5.4-pro", 30, 180, 30),
            ("gpt-5.4-mini", 0.75, 4.50, 0.075),
            ("gpt-5.4-nano", 0.20, 1.25, 0.02),
            ("gpt-5.1", 1.25, 10, 0.125),
            ("gpt-5", 1.25, 10, 0.125),
            ("gpt-5-mini", 0.25, 2, 0.025),
            ("gpt-5-nano", 0.05, 0.40, 0.005),
            ("gpt-4.1", 2, 8, 0.50),
            ("gpt-4.1-mini", 0.40, 1.60, 0.10),
            ("gpt-4.1-nano", 0.10, 0.40, 0.025),
            ("gpt-4o", 2.50, 10, 1.25),
            ("gpt-4o-mini", 0.15, 0.60, 0.075),
            ("o3", 2, 8, 0.50),
            ("o4-mini", 1.10, 4.40, 0.275),
        ),
    },
}
"""By vendor and model."""

_EDITION: Final = re.compile(r"-(?:\d{8}|\d{4}-\d{2}-\d{2}|latest)\Z")
"""What a vendor puts behind a model's name to say which edition of it."""


def price_of(vendor: str, model: str, overrides: Mapping[str, Price] | None = None, *, own: bool) -> Price | None:
    """Return what a model costs; None where nobody knows.

    Args:
        vendor: ``openai`` or ``anthropic``: whose interface it speaks.
        model: as it is configured.
        overrides: the operator's word, by ``model`` or ``provider:model``'s model; it goes before everything else.
        own: whether it is reached at the vendor's own address. A model that is not known there counts as the dearest one that is;
            elsewhere, a name says nothing about who asks how much.
    """
    said = overrides or {}
    plain = _EDITION.sub("", model)
    for name in (model, plain):
        if name in said:
            return said[name]
    if not own or vendor not in KNOWN:
        return None
    known = KNOWN[vendor]
    return known.get(model) or known.get(plain) or max(known.values(), key=lambda each: (each.output, each.input))


def cost(price: Price | None, sent: int, given: int, cached: int = 0) -> float | None:
    """Return US dollars for so many tokens sent (``cached`` of them from the vendor's cache) and given; None without a price."""
    if price is None:
        return None
    fresh = price.input if price.written is None else price.written
    again = price.input if price.cached is None else price.cached
    return ((sent - cached) * fresh + cached * again + given * price.output) / _MILLION
