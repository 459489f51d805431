"""What models may cost, judged before each call; pure.

A call goes out only while what is spent, with the call's own estimate added, stays within every cap. An estimate can be wrong,
so a cap can be passed by one call; after that nothing goes out any more: it is never passed by two.

Tokens are estimated as characters / 3.5, rounded up: English prose has about 4 characters a token, code a little more than 3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from bot.llm.asking import Usage

CHARACTERS_A_TOKEN: Final = 3.5


@dataclass(frozen=True)
class Budget:
    """Caps; None is no cap. Calls of unknown price count as tokens and calls only."""

    tokens: int | None = None
    """Sent and received together."""
    money: float | None = None
    """US dollars."""
    calls: int | None = None
    whose: str = "this run"
    """Who spends it, as a sentence's subject."""
    raised_by: str = "budget in .github/pawl.yml"
    """Where somebody may raise it."""


def tokens_in(characters: int) -> int:
    """Return how many tokens so many characters are, estimated."""
    return math.ceil(characters / CHARACTERS_A_TOKEN)


def why_not(budget: Budget, spent: Usage, estimate: Usage) -> str:
    """Return why a call may not go out, with what to do; '' where it may."""
    used = spent.input + spent.output
    wanted = estimate.input + estimate.output
    if budget.calls is not None and spent.calls + estimate.calls > budget.calls:
        what = f"{spent.calls} calls to models were made, which is as many as may be"
    elif budget.tokens is not None and used + wanted > budget.tokens:
        what = f"{used:,} tokens are used and the next call may take {wanted:,} more, of {budget.tokens:,} allowed"
    elif budget.money is not None and (spent.money or 0.0) + (estimate.money or 0.0) > budget.money:
        paid, more = spent.money or 0.0, estimate.money or 0.0
        what = f"{paid:.2f} USD are spent and the next call may cost {more:.2f} more, of {budget.money:.2f} allowed"
    else:
        return ""
    return f"the model budget of {budget.whose} is used up ({what}): raise {budget.raised_by}, or ask for less"
