"""Mutants, and the matrix of which test kills which."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.ids import NodeId


class MutantStatus(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    TIMEOUT = "timeout"
    """Killed by running past its limit, confirmed by a second strict run."""
    EQUIVALENT = "equivalent"
    """Compiles to the same code, or could not be told apart by construction."""
    UNCOVERED = "uncovered"
    """No test reaches the line."""
    ERROR = "error"
    """The machine itself failed: no verdict may be drawn from the matrix."""


@dataclass(frozen=True)
class Mutant:
    """The project with one small fault in it."""

    id: str
    path: str
    line: int
    operator: str
    diff: str
    source: str
    """The whole mutated file."""


@dataclass(frozen=True)
class JudgedMutant:
    """A mutant and what the tests said of it."""

    mutant: Mutant
    status: MutantStatus
    killed_by: tuple[NodeId, ...] = ()


@dataclass(frozen=True)
class KillMatrix:
    """All mutants of the lines in question."""

    mutants: tuple[JudgedMutant, ...]
    tests: tuple[NodeId, ...]
    seconds: float = 0.0
    why_not: str = ""
    """Not empty: the run cannot be trusted (a forced failure survived, a null mutant died, an engine error)."""

    @property
    def kill_rate(self) -> float | None:
        """Killed and timed-out ones among the non-equivalent; None without a single one: no evidence, never 100 %."""
        counted = [each for each in self.mutants if each.status is not MutantStatus.EQUIVALENT]
        if not counted or self.why_not:
            return None
        killed = sum(each.status in {MutantStatus.KILLED, MutantStatus.TIMEOUT} for each in counted)
        return killed / len(counted)

    def kills(self, test: NodeId) -> int:
        """Return how many mutants ``test`` killed."""
        return sum(test in each.killed_by for each in self.mutants)
