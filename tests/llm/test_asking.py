from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Refused
from bot.llm.asking import NoAnswer, OverBudget, Usage

usages = st.builds(
    Usage,
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.none() | st.integers(0, 1000).map(float),
    st.integers(0, 1000),
)


@given(usages, usages)
def test_usages_add_up_in_any_order(one: Usage, other: Usage) -> None:
    assert one + other == other + one
    assert (one + other).input == one.input + other.input
    assert (one + other).calls == one.calls + other.calls
    assert one + Usage() == one


@given(usages)
def test_an_unknown_price_is_never_taken_for_nothing(known: Usage) -> None:
    assert (known + Usage(money=None)).money is None


def test_what_a_model_does_not_give_refuses_a_run() -> None:
    assert issubclass(NoAnswer, Refused)
    assert issubclass(OverBudget, Refused)
