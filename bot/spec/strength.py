"""Do the witnesses notice when the change they were written for is broken on purpose?

Before there is a change a witness is held against trivial stand-ins only. The changed lines are asked first. A few lines give
few mutants, and a witness may be about something else in the same functions: then those are asked as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.behaviour.touched import TouchedFile, changed_lines, lines_with_functions
from bot.ids import NodeId
from bot.lab import Lab
from bot.mutation.mutation import KillMatrix, MutantStatus


@dataclass(frozen=True)
class Strength:
    """How many mutants of the change each witness kills."""

    kills: Mapping[NodeId, int] = field(default_factory=dict)
    mutants: int = 0
    """Those that could be killed; none is no evidence, for or against."""
    where: str = ""
    """Which lines they were made of, in words."""
    why_not: str = ""
    """Not empty: the machine could not be trusted."""

    @property
    def weak(self) -> tuple[NodeId, ...]:
        """The witnesses that kill none of them."""
        return tuple(test for test, kills in self.kills.items() if not kills) if self.mutants else ()


def strength(lab: Lab, root: Path, files: Sequence[TouchedFile], witnesses: tuple[NodeId, ...]) -> Strength:
    """Return what the witnesses kill of the mutants of the change, whose head lies at ``root``."""
    narrow, wide = changed_lines(files), lines_with_functions(files)
    if not narrow or not witnesses:
        return Strength()
    found = _measured(lab.kill_matrix(root, narrow, witnesses, every_killer=True), witnesses, "changed lines")
    if found.why_not or wide == narrow or (found.mutants and not found.weak):
        return found
    return _measured(lab.kill_matrix(root, wide, witnesses, every_killer=True), witnesses, "functions around the change")


def _measured(matrix: KillMatrix, witnesses: tuple[NodeId, ...], where: str) -> Strength:
    counted = sum(each.status is not MutantStatus.EQUIVALENT for each in matrix.mutants)
    return Strength({each: matrix.kills(each) for each in witnesses}, counted, where, matrix.why_not)
