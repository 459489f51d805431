"""How each provider has been doing, and its breaker: one :class:`Watch` a process, shared by the routers of all its runs."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.llm import breaker
from bot.llm.asking import Usage
from bot.llm.breaker import DEFAULT, Admission, Breaker, Mode, Rules

LONGEST_WISH: Final = 3_600.0
"""Seconds that a provider is left alone at most because it asks for it: a wrong date keeps nobody away for good."""
_REMEMBERED: Final = 500
"""Calls whose duration is kept, the newest ones."""


@dataclass(frozen=True)
class Health:
    """How a provider has been doing since the process began."""

    provider: str
    mode: Mode
    calls: int
    failures: Mapping[str, int]
    """By what was wrong."""
    usage: Usage
    p50: float | None
    """Seconds that half of the last calls took at most; None before the first."""
    p95: float | None


@dataclass
class _Record:
    breaker: Breaker = field(default_factory=Breaker)
    not_before: float = -math.inf
    """When it may be asked again, as it asked itself."""
    calls: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    usage: Usage = field(default_factory=Usage)
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))


class Watch:
    """Watches the providers; for one event loop, never shared between threads."""

    def __init__(self, clock: Callable[[], float], rules: Rules = DEFAULT) -> None:
        self._clock = clock
        self._rules = rules
        self._records: dict[str, _Record] = {}

    def admit(self, provider: str) -> Admission:
        """Ask whether a call to a provider may go out now; its outcome must be told in the end."""
        record = self._of(provider)
        wait = self.wish(provider)
        if wait:
            return Admission(record.breaker, None, wait, asked=True)
        admission = breaker.admit(record.breaker, self._clock(), self._rules)
        record.breaker = admission.breaker
        return admission

    def wish(self, provider: str) -> float:
        """Return for how many seconds from now a provider asks to be left alone (``Retry-After``), told to any run."""
        return max(self._of(provider).not_before - self._clock(), 0.0)

    def heard(self, provider: str, turn: int, *, good: bool | None, after: float | None = None) -> None:
        """Hear how an admitted call ended.

        Args:
            provider: who was asked.
            turn: what the admission gave.
            good: None where it ended in a way that says nothing of the provider's health.
            after: seconds for which the provider asks to be left alone.
        """
        record = self._of(provider)
        if after is not None:
            record.not_before = max(record.not_before, self._clock() + min(after, LONGEST_WISH))
        if good is None:
            record.breaker = breaker.released(record.breaker, turn)
        else:
            record.breaker = breaker.heard(record.breaker, turn, self._clock(), self._rules, good=good)

    def counted(self, provider: str, usage: Usage, seconds: float, failure: str = "") -> None:
        """Count a call, with what was wrong with it."""
        record = self._of(provider)
        record.calls += 1
        record.usage += usage
        record.seconds.append(seconds)
        if failure:
            record.failures[failure] += 1

    def health(self) -> tuple[Health, ...]:
        """Return how each provider has been doing, by name."""
        return tuple(_health(name, record) for name, record in sorted(self._records.items()))

    def _of(self, provider: str) -> _Record:
        return self._records.setdefault(provider, _Record())


def _health(name: str, record: _Record) -> Health:
    taken = sorted(record.seconds)
    return Health(
        name, record.breaker.mode, record.calls, dict(record.failures), record.usage, _share(taken, 0.5), _share(taken, 0.95)
    )


def _share(ordered: list[float], share: float) -> float | None:
    """Return the least value that this share of all values does not go beyond."""
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)] if ordered else None
