"""The risk of a change with what the gates measured of its tests: the same for the policy gate and for the decision. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from bot.change.risk import Risk, with_strength
from bot.gate import GateResult


def as_measured(risk: Risk, results: Iterable[GateResult]) -> Risk:
    """Return the risk with how much of the change the tests run, and how many faults in it they notice; neither lowers it."""
    found = {each.name: each for each in results}
    return with_strength(risk, _share(found.get("coverage"), "changed_lines"), _share(found.get("mutation"), "kill_rate"))


def _share(result: GateResult | None, name: str) -> float | None:
    """Return a share that a gate measured; None where it measured none. Evidence may have come from a runner elsewhere."""
    told = result.evidence.get(name) if result else None
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told <= 1:
        return None
    return float(told)
