"""What models cost, added up and said."""

from __future__ import annotations

import pytest

from bot.llm.asking import Duty, Usage
from bot.llm.spending import Spending, answered, in_dollars, in_words, total

SPENDING = (
    Spending(Duty.SPEC_AUTHOR, "a:one", Usage(1_000, 100, 10, 0.25, 2), 1),
    Spending(Duty.CRITIC, "b:two", Usage(10, 1, 0, 0.5, 1), 0),
    Spending(Duty.CRITIC, "a:one", Usage(10, 1, 0, 0.5, 1), 1),
)


def test_it_adds_up_and_one_unknown_price_makes_the_sum_unknown() -> None:
    assert total(SPENDING) == Usage(1_020, 102, 10, 1.25, 4)
    assert total(()) == Usage()
    assert total((*SPENDING, Spending(Duty.READER, "c:three", Usage(1, 1, 0, None, 1), 1))).money is None


def test_only_who_answered_had_a_part() -> None:
    assert answered(SPENDING, Duty.CRITIC) == ("a:one",)
    assert answered(SPENDING, Duty.PLANNER) == ()


@pytest.mark.parametrize(
    ("usage", "words"),
    [
        (Usage(), "no model was asked: 0 tokens, 0 USD"),
        (Usage(900, 100, 0, 0.126, 1), "1 call to models, 1,000 tokens, 0.13 USD"),
        (Usage(12_000, 345, 0, None, 3), "3 calls to models, 12,345 tokens, price not known"),
    ],
)
def test_what_people_are_told(usage: Usage, words: str) -> None:
    assert in_words(usage) == words


def test_less_than_a_cent_is_not_nothing() -> None:
    assert in_dollars(0.00123) == "0.0012 USD"
    assert in_dollars(0.0) == "0.00 USD"
