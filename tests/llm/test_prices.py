"""Prices: known ones by name and edition, unknown ones dear at a vendor's own address and unknown elsewhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.llm.prices import KNOWN, Price, cost, price_of


@pytest.mark.parametrize(
    ("vendor", "model", "known"),
    [
        ("anthropic", "claude-sonnet-4-5", "claude-sonnet-4-5"),
        ("anthropic", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("openai", "gpt-5-2025-08-07", "gpt-5"),
        ("openai", "gpt-5-mini", "gpt-5-mini"),
        ("openai", "gpt-5.6-latest", "gpt-5.6"),
    ],
)
def test_a_known_model_in_any_edition(vendor: str, model: str, known: str) -> None:
    assert price_of(vendor, model, own=True) is KNOWN[vendor][known]


@pytest.mark.parametrize(
    ("vendor", "model"), [("openai", "gpt-9"), ("openai", "gpt-5-turbo"), ("anthropic", "claude-"), ("openai", "")]
)
def test_an_unknown_model_of_a_vendors_own_is_the_dearest(vendor: str, model: str) -> None:
    price = price_of(vendor, model, own=True)
    assert price is not None
    assert price.output == max(each.output for each in KNOWN[vendor].values())


def test_elsewhere_a_name_says_nothing() -> None:
    assert price_of("openai", "gpt-5", own=False) is None
    assert price_of("somebody", "gpt-5", own=True) is None


def test_the_operators_word_goes_first() -> None:
    said = {"gpt-5": Price(9, 9), "llama": Price(0, 0)}
    assert price_of("openai", "gpt-5", said, own=True) == Price(9, 9)
    assert price_of("openai", "gpt-5-2025-08-07", said, own=True) == Price(9, 9)
    assert price_of("openai", "llama", said, own=False) == Price(0, 0)
    assert price_of("openai", "gpt-4o", said, own=True) is KNOWN["openai"]["gpt-4o"]


def test_what_a_call_comes_to() -> None:
    price = Price(2.0, 10.0, 0.2, 2.5)
    assert cost(price, 1_000_000, 0) == 2.5
    assert cost(price, 1_000_000, 0, 1_000_000) == pytest.approx(0.2)
    assert cost(price, 0, 100_000) == 1.0
    assert cost(Price(2.0, 10.0), 500_000, 0, 500_000) == 1.0
    assert cost(None, 1, 1) is None


@pytest.mark.parametrize("price", [price for known in KNOWN.values() for price in known.values()])
def test_every_price_is_plausible(price: Price) -> None:
    assert price.cached is not None
    assert price.written is not None
    assert 0 < price.cached <= price.input <= price.written <= price.output


@given(
    st.sampled_from([each for known in KNOWN.values() for each in known.values()]),
    st.integers(0, 10**7),
    st.integers(0, 10**7),
    st.floats(0, 1),
)
def test_a_cache_never_makes_it_dearer_and_an_estimate_never_is_too_low(
    price: Price, sent: int, given_: int, share: float
) -> None:
    estimated, real = cost(price, sent, given_), cost(price, sent, given_, int(sent * share))
    assert estimated is not None
    assert real is not None
    assert 0 <= real <= estimated + 1e-9
