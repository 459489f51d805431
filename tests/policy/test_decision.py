"""A decision is a no unless it says otherwise."""

from __future__ import annotations

from bot.policy.decision import Decision


def test_reasons_default_to_none() -> None:
    assert Decision(allow=False) == Decision(allow=False, deny=(), require=(), warn=())
