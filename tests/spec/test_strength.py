"""What witnesses notice of a change that is broken on purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from bot.behaviour.touched import touched
from bot.ids import NodeId
from bot.lab import Lab
from bot.mutation.mutation import JudgedMutant, KillMatrix, Mutant, MutantStatus
from bot.spec.strength import Strength, strength

ONE, TWO = NodeId("t.py::one"), NodeId("t.py::two")
OLD = {"a.py": "def f(a):\n    b = a\n    return b\n"}
NEW = {"a.py": "def f(a):\n    b = a\n    return b + 1\n"}
FILES = touched(OLD.get, NEW.get, ["a.py"])


@dataclass
class MutantsLab:
    """Answers each kill matrix with who killed each mutant: None, it does the same."""

    matrices: list[Sequence[tuple[NodeId, ...] | None]]
    why_not: str = ""
    asked: list[Mapping[str, frozenset[int]]] = field(default_factory=list)

    def kill_matrix(
        self, _root: Path, lines: Mapping[str, frozenset[int]], tests: tuple[NodeId, ...], *, every_killer: bool
    ) -> KillMatrix:
        assert every_killer, "the first killer would hide what the others notice"
        self.asked.append(lines)
        judged = []
        for number, killers in enumerate(self.matrices.pop(0)):
            mutant = Mutant(str(number), "a.py", 3, "number", "", "")
            status = MutantStatus.EQUIVALENT if killers is None else MutantStatus.KILLED if killers else MutantStatus.SURVIVED
            judged.append(JudgedMutant(mutant, status, killers or ()))
        return KillMatrix(tuple(judged), tests, why_not=self.why_not)


def measured(lab: MutantsLab) -> Strength:
    return strength(cast("Lab", lab), Path(), FILES, (ONE, TWO))


def test_each_witness_that_kills_a_mutant_of_the_changed_lines_is_strong() -> None:
    lab = MutantsLab([[(ONE,), (ONE, TWO), ()]])
    found = measured(lab)
    assert (found.weak, dict(found.kills), found.mutants, found.where) == ((), {ONE: 2, TWO: 1}, 3, "changed lines")
    assert lab.asked == [{"a.py": frozenset({3})}]


def test_one_that_kills_none_there_is_asked_about_the_functions_around() -> None:
    lab = MutantsLab([[(ONE,)], [(ONE,), (TWO,)]])
    found = measured(lab)
    assert (found.weak, found.where) == ((), "functions around the change")
    assert lab.asked[1] == {"a.py": frozenset({1, 2, 3})}


def test_one_that_kills_none_anywhere_is_weak() -> None:
    assert measured(MutantsLab([[(ONE,)], [(ONE,), (ONE,), ()]])).weak == (TWO,)


@pytest.mark.parametrize("mutants", [[], [None]])
def test_where_there_is_no_mutant_there_is_no_evidence(mutants: list[None]) -> None:
    found = measured(MutantsLab([mutants, mutants]))
    assert (found.mutants, found.weak) == (0, ())


def test_a_machine_that_cannot_be_trusted_says_nothing_of_a_test() -> None:
    lab = MutantsLab([[]], "the null mutant died")
    assert measured(lab).why_not == "the null mutant died"
    assert len(lab.asked) == 1


def test_a_change_of_no_code_asks_nothing() -> None:
    assert strength(cast("Lab", MutantsLab([])), Path(), (), (ONE,)) == Strength()
    assert strength(cast("Lab", MutantsLab([])), Path(), FILES, ()) == Strength()
