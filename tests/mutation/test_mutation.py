from __future__ import annotations

import pytest

from bot.ids import NodeId
from bot.mutation.mutation import JudgedMutant, KillMatrix, Mutant, MutantStatus

MUTANT = Mutant("a.py:1:number:1", "a.py", 1, "number", "diff", "x = 2\n")


def matrix(*statuses: MutantStatus, why_not: str = "") -> KillMatrix:
    return KillMatrix(tuple(JudgedMutant(MUTANT, each, (NodeId("t"),)) for each in statuses), (NodeId("t"),), why_not=why_not)


@pytest.mark.parametrize(
    ("statuses", "rate"),
    [
        ((), None),
        ((MutantStatus.EQUIVALENT,), None),
        ((MutantStatus.KILLED, MutantStatus.EQUIVALENT), 1.0),
        ((MutantStatus.KILLED, MutantStatus.TIMEOUT, MutantStatus.SURVIVED, MutantStatus.UNCOVERED), 0.5),
    ],
)
def test_the_kill_rate_counts_what_is_not_equivalent(statuses: tuple[MutantStatus, ...], rate: float | None) -> None:
    assert matrix(*statuses).kill_rate == rate
    assert matrix(*statuses, why_not="a lie").kill_rate is None


def test_kills_are_counted_by_test() -> None:
    assert matrix(MutantStatus.KILLED, MutantStatus.KILLED).kills(NodeId("t")) == 2
    assert matrix(MutantStatus.KILLED).kills(NodeId("other")) == 0
