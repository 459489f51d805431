"""The composite: what all gates and the policies amount to, for the one check that branch protection requires.

=====================================================  ==============
an expected gate has no result, or more than one       red
a result is of a gate nobody asked                     red
a required gate says anything but pass                 red, but for
a required gate says not_applicable, with a reason     nothing against it
no gate at all says pass                               red
the policies deny, or did not decide                   red
none of these                                          green
=====================================================  ==============
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.gate import GateResult, Verdict
from bot.policy.decision import Decision


@dataclass(frozen=True)
class Composite:
    """Green only where nothing speaks against it; ``why`` names everything that does."""

    why: tuple[str, ...]

    @property
    def green(self) -> bool:
        """Whether the change may stand."""
        return not self.why


def composite(expected: Collection[str], results: Iterable[GateResult], decision: Decision | None) -> Composite:
    """Return what the results of the expected gates and the decision amount to."""
    given = tuple(results)
    counted = Counter(each.name for each in given)
    why = [f"{name} did not answer" for name in sorted(expected) if counted[name] == 0]
    why += [f"{name} answered {times} times" for name, times in sorted(counted.items()) if times > 1]
    why += [f"{name} was not asked" for name in sorted(counted) if name not in expected]
    why += [f"{each.name}: {_against(each)}" for each in given if _against(each)]
    if not any(each.verdict is Verdict.PASS for each in given):
        why.append("no gate passed")
    if decision is None:
        why.append("the policies did not decide")
    elif not decision.allow:
        why += decision.deny or ("the policies do not allow it",)
    return Composite(tuple(why))


def _against(result: GateResult) -> str:
    """Return what a result has against the change; empty where it has nothing."""
    if result.verdict is Verdict.PASS or not result.required:
        return ""
    if result.verdict is Verdict.NOT_APPLICABLE:
        return "" if result.summary.strip() else "not_applicable without a reason"
    return f"{result.verdict.value}: {result.summary}".rstrip(": ")
