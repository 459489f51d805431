"""What new tests are good for: the mutants they kill that nothing killed before. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.ids import NodeId
from bot.mutation.mutation import JudgedMutant, KillMatrix, MutantStatus

ALIVE = frozenset({MutantStatus.SURVIVED, MutantStatus.UNCOVERED})


def survivors(matrix: KillMatrix) -> tuple[JudgedMutant, ...]:
    """Return the mutants that no test killed."""
    return tuple(each for each in matrix.mutants if each.status in ALIVE)


def gained(before: KillMatrix | None, after: KillMatrix, tests: Collection[NodeId]) -> Mapping[NodeId, int]:
    """Return per test how many mutants it kills that were alive before; ``before`` None: nothing killed any.

    Both matrices are of the same lines of the same code, so that a mutant has the same id in both.
    """
    alive = None if before is None else {each.mutant.id for each in survivors(before)}
    killed = [each for each in after.mutants if alive is None or each.mutant.id in alive]
    return {test: sum(test in each.killed_by for each in killed) for test in tests}
