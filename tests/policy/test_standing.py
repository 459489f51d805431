"""Access has an order, and nothing else here thinks."""

from __future__ import annotations

from bot.decision.ballot import access
from bot.github.permissions import Level
from bot.policy.standing import Access


def test_more_permission_is_never_less_access() -> None:
    ranks = [access(level).rank for level in sorted(Level)]
    assert ranks == sorted(ranks)
    assert [access(level) for level in (Level.TRIAGE, Level.WRITE, Level.MAINTAIN, Level.ADMIN)] == list(Access)
