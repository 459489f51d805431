"""What a run's questions to models came to, by duty and by who was asked, and how that is said to people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Final

from bot.llm.asking import Duty, Usage

_CENT: Final = 0.01


@dataclass(frozen=True)
class Spending:
    """What one author was asked for one duty, and what it came to."""

    duty: Duty
    author: str
    """``provider:model``."""
    usage: Usage
    answered: int = 0
    """How many of the calls brought an answer that could be used."""


def total(spending: Iterable[Spending]) -> Usage:
    """Return what it comes to together; its money is None where one price is not known."""
    return reduce(add, (each.usage for each in spending), Usage())


def answered(spending: Iterable[Spending], duty: Duty) -> tuple[str, ...]:
    """Return who answered for a duty."""
    return tuple(dict.fromkeys(each.author for each in spending if each.duty is duty and each.answered))


def in_words(usage: Usage) -> str:
    """Return a cost for people: ``3 calls, 12,345 tokens, 0.12 USD``."""
    if not usage.calls:
        return "no model was asked: 0 tokens, 0 USD"
    calls = f"{usage.calls:,} call{'s' * (usage.calls != 1)}"
    return f"{calls} to models, {usage.input + usage.output:,} tokens, {in_dollars(usage.money)}"


def in_dollars(money: float | None) -> str:
    """Return an amount for people, to the cent, or finer where it is less than one."""
    if money is None:
        return "price not known"
    return f"{money:.2f} USD" if money >= _CENT or not money else f"{money:.4f} USD"
