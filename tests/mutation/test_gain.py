from __future__ import annotations

from bot.ids import NodeId
from bot.mutation.gain import gained, survivors
from bot.mutation.mutation import JudgedMutant, KillMatrix, Mutant, MutantStatus

OLD, NEW, IDLE = NodeId("t.py::test_old"), NodeId("t.py::test_new"), NodeId("t.py::test_idle")


def matrix(**killers: tuple[NodeId, ...] | MutantStatus) -> KillMatrix:
    judged = [
        JudgedMutant(Mutant(name, "a.py", 1, "o", "", ""), by)
        if isinstance(by, MutantStatus)
        else JudgedMutant(Mutant(name, "a.py", 1, "o", "", ""), MutantStatus.KILLED, by)
        for name, by in killers.items()
    ]
    return KillMatrix(tuple(judged), (OLD, NEW, IDLE))


BEFORE = matrix(dead=(OLD,), alive=MutantStatus.SURVIVED, dark=MutantStatus.UNCOVERED, same=MutantStatus.EQUIVALENT)
AFTER = matrix(dead=(OLD, NEW, IDLE), alive=(NEW,), dark=(NEW,), same=MutantStatus.EQUIVALENT)


def test_only_what_was_alive_before_counts() -> None:
    assert gained(BEFORE, AFTER, (NEW, IDLE)) == {NEW: 2, IDLE: 0}


def test_where_nothing_killed_any_every_kill_counts() -> None:
    assert gained(None, AFTER, (NEW, IDLE)) == {NEW: 3, IDLE: 1}


def test_survivors_are_what_no_test_killed() -> None:
    assert [each.mutant.id for each in survivors(BEFORE)] == ["alive", "dark"]
