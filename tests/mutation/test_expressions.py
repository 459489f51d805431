from __future__ import annotations

import pytest

from bot.mutation.generator import plan_mutants


def mutants(source: str) -> list[str]:
    return [each.mutant.source for each in plan_mutants("x.py", source, frozenset(range(1, 50)), most=1000)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = (a) < \\\n  (b)", "x = (a) <= \\\n  (b)"),
        ("x = a is \\\n not b", "x = a is b"),
        ("x = a + b  # + c", "x = a - b  # + c"),
        ("if (y := f()): g()", "if (((y := f()) and False)): g()"),
        ("x = f'{a + 1}'", "x = f'{a - 1}'"),
        ("x = f((a), (b))", "x = f((a), (None))"),
        ("x = f(key=a)", "x = f()"),
        ("x = f(key=a, other=b)", "x = f(other=b)"),
        ("x = a.rsplit(',', 1)", "x = a.split(',', 1)"),
        ("x = sorted(a)", "x = list(a)"),
        ("x = lambda: None", "x = lambda: 0"),
        ("x = 2j", "x = 3j"),
        ("x = b'a'", "x = b'XXaXX'"),
        ("x = ~a", "x = a"),
        ("match a:\n  case 1 if b: f()\n  case 2: g()", "match a:\n  case 1 if False: f()\n  case 2: g()"),
    ],
)
def test_one_of_the_mutants(before: str, after: str) -> None:
    assert after.replace(" ", "") in [each.replace(" ", "") for each in mutants(before)]


@pytest.mark.parametrize("source", ["x = len(a)", "x = f'{'", "x = 'a' 'b' % c", "x = a.get(k, None)", "x = 1e999"])
def test_what_no_test_could_help_to_break_is_left_alone(source: str) -> None:
    assert not [each for each in mutants(source) if "x = None" not in each and "XX" not in each and "get(None" not in each]
