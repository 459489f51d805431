"""A budget says no before it is passed, and in words that help."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.llm.asking import Usage
from bot.llm.budget import Budget, tokens_in, why_not

ONE = Usage(100, 50, 0, 0.1, 1)


@pytest.mark.parametrize(
    ("budget", "spent", "said"),
    [
        (Budget(), Usage(10**9, 0, 0, 1e9, 10**9), ""),
        (Budget(tokens=150), Usage(), ""),
        (Budget(tokens=149), Usage(), "0 tokens are used and the next call may take 150 more, of 149 allowed"),
        (Budget(calls=3), Usage(calls=2), ""),
        (Budget(calls=3), Usage(calls=3), "3 calls to models were made, which is as many as may be"),
        (Budget(money=1.0), Usage(money=0.9), ""),
        (Budget(money=1.0), Usage(money=0.95), "0.95 USD are spent and the next call may cost 0.10 more, of 1.00 allowed"),
        (Budget(money=1.0), Usage(money=None), ""),
    ],
)
def test_why_not(budget: Budget, spent: Usage, said: str) -> None:
    why = why_not(budget, spent, ONE)
    assert (said in why) if said else not why
    if why:
        assert why.startswith("the model budget of this run is used up (")
        assert why.endswith("): raise budget in .github/pawl.yml, or ask for less")


def test_a_call_of_unknown_price_counts_as_tokens_and_calls() -> None:
    free = Usage(100, 50, 0, None, 1)
    assert not why_not(Budget(money=0.0), Usage(), free)
    assert why_not(Budget(tokens=100), Usage(), free)


def test_tokens_are_estimated_upwards() -> None:
    assert [tokens_in(each) for each in (0, 1, 3, 4, 7, 8)] == [0, 1, 1, 2, 2, 3]


usages = st.builds(Usage, st.integers(0, 10**6), st.integers(0, 10**6), st.just(0), st.none() | st.floats(0, 100), st.just(1))


@given(st.integers(0, 10**6), st.floats(0, 100), st.integers(0, 20), st.lists(st.tuples(usages, usages), max_size=30))
def test_it_is_never_passed_by_more_than_one_call(
    tokens: int, money: float, calls: int, played: list[tuple[Usage, Usage]]
) -> None:
    """Whatever the estimates were worth, nothing goes out once a cap is passed."""
    budget, spent = Budget(tokens, money, calls), Usage()
    for estimate, real in played:
        if why_not(budget, spent, estimate):
            continue
        assert spent.input + spent.output <= tokens
        assert (spent.money or 0.0) <= money
        assert spent.calls < calls
        spent += Usage(real.input, real.output, 0, real.money or 0.0, 1)


@given(st.integers(0, 10**6), usages, usages)
def test_a_call_as_large_as_estimated_never_passes_it(tokens: int, spent: Usage, estimate: Usage) -> None:
    if not why_not(Budget(tokens=tokens), spent, estimate):
        assert spent.input + spent.output + estimate.input + estimate.output <= tokens
