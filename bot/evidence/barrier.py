"""The critical barrier: the one thing that stands most in a run's way."""

from __future__ import annotations

from bot.evidence.record import Record
from bot.gate import Verdict


def barrier(record: Record) -> str:
    """Return the one thing that stands most in the way, or 'none'."""
    checked = record.history.checked
    if checked is None:
        return record.run.reason or "no change was judged"
    worst = sorted((each for each in checked.gates if not each.green), key=lambda each: each.verdict is not Verdict.ERROR)
    return f"{worst[0].name}: {worst[0].summary}" if worst else "none"
