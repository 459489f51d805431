from __future__ import annotations

import pytest

from bot.mutation.generator import plan_mutants
from bot.mutation.operators import OPERATORS
from bot.mutation.rewrite import Example, Operator

CASES = [(operator, example) for operator in OPERATORS for example in operator.examples]


@pytest.mark.parametrize(("operator", "example"), CASES, ids=[f"{o.name}: {e.before!r}" for o, e in CASES])
def test_an_operators_examples_are_what_it_does(operator: Operator, example: Example) -> None:
    lines = frozenset(range(1, example.before.count("\n") + 2))
    planned = plan_mutants("x.py", example.before, lines, most=1000)
    assert tuple(each.mutant.source for each in planned if each.mutant.operator == operator.name) == example.after


def test_every_operator_has_a_name_of_its_own_and_examples() -> None:
    assert len({each.name for each in OPERATORS}) == len(OPERATORS)
    assert all(each.examples and each.does for each in OPERATORS)
