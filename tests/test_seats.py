from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import InputError, Refused
from bot.llm.asking import Duty
from bot.llm.prices import KNOWN, Price
from bot.llm.provider import Provider
from bot.llm.seat import Seat
from bot.providers import anthropic, openai
from bot.seats import Seats, apart, seats_of
from bot.settings import load
from tests.doubles.models.double import ModelDouble
from tests.doubles.models.fault import failing

NAMES = "OPENAI_API_KEY OPENAI_BASE_URL ANTHROPIC_API_KEY ANTHROPIC_BASE_URL PAWL_ENDPOINTS PAWL_PRICES PAWL_MODELS"
BOTH = {"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k"}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*NAMES.split(), *(f"PAWL_MODELS_{duty.upper()}" for duty in Duty)]:
        monkeypatch.delenv(name, raising=False)


async def seated(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Seats:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = await seats_of(load())
    await found.close()
    return found


def authors(seats: Seats, duty: Duty) -> list[str]:
    return [each.author for each in seats.by_duty[duty]]


async def test_without_a_key_or_an_address_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    seats = await seated(monkeypatch)
    assert dict(seats.by_duty) == dict.fromkeys(Duty, ())


async def test_an_address_and_a_key_are_enough(models: ModelDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    seats = await seated(monkeypatch, **models.environment("openai"))
    assert {duty: authors(seats, duty) for duty in Duty} == {duty: ["openai:gpt-5.5"] for duty in Duty}
    assert seats.by_duty[Duty.READER][0].price is None, "what a model costs elsewhere nobody knows"


async def test_of_two_vendors_one_writes_the_change_and_the_other_its_tests(
    models: ModelDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    seats = await seated(monkeypatch, **models.environment())
    assert authors(seats, Duty.CHANGE_AUTHOR) == ["anthropic:claude-opus-5-5", "openai:gpt-5.5"]
    assert authors(seats, Duty.SPEC_AUTHOR) == authors(seats, Duty.CRITIC) == ["openai:gpt-5.5", "anthropic:claude-opus-5-5"]


async def test_an_endpoint_that_does_not_answer_leaves_it_to_the_others(
    models: ModelDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    seats = await seated(monkeypatch, **(models.environment() | {"ANTHROPIC_API_KEY": "wrong"}))
    assert authors(seats, Duty.PLANNER) == ["openai:gpt-5.5"]


async def test_where_no_endpoint_tells_its_models_each_reason_is_told(
    models: ModelDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    models.offers("openai", "whisper-1")
    with pytest.raises(
        Refused, match=r"anthropic at http\S+: denied: HTTP 401.*openai at \S+: it lists none.*name models in PAWL"
    ):
        await seated(monkeypatch, **(models.environment() | {"ANTHROPIC_API_KEY": "wrong"}))


async def test_models_that_are_named_are_asked_in_that_order_and_nothing_is_fetched(
    models: ModelDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    models.faults(failing(500), forever=True)
    variables = {
        "PAWL_MODELS": "openai:gpt-5.5, local:llama3:8b anthropic:claude-opus-5",
        "PAWL_ENDPOINTS": "local=http://127.0.0.1:9/v1",
    }
    seats = await seated(monkeypatch, **BOTH, **variables)
    assert authors(seats, Duty.CHANGE_AUTHOR) == ["openai:gpt-5.5", "local:llama3:8b", "anthropic:claude-opus-5"]
    assert authors(seats, Duty.CRITIC) == ["local:llama3:8b", "openai:gpt-5.5", "anthropic:claude-opus-5"]
    assert [each.price is not None for each in seats.by_duty[Duty.READER]] == [True, False, True]


async def test_a_duty_can_have_its_own_models(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"PAWL_MODELS": "openai:gpt-5.5 openai:gpt-5", "PAWL_MODELS_CRITIC": "openai:gpt-5.5"}
    seats = await seated(monkeypatch, **BOTH, **variables)
    assert authors(seats, Duty.CRITIC) == ["openai:gpt-5.5"], "the operator's word goes before Pawl's"
    assert authors(seats, Duty.SPEC_AUTHOR) == ["openai:gpt-5", "openai:gpt-5.5"], "another model where there is no other vendor"


async def test_the_operators_prices_go_before_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    seats = await seated(monkeypatch, **BOTH, PAWL_MODELS="openai:gpt-5.5", PAWL_PRICES="gpt-5.5=0.5/2 other=1/1")
    assert seats.by_duty[Duty.READER][0].price == Price(0.5, 2)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {"PAWL_MODELS": "openai:gpt-5.5 groq:llama", "OPENAI_API_KEY": "k"},
            r"PAWL_MODELS names groq:llama, but groq is not configured \(configured: openai\): set PAWL_ENDPOINTS=groq=https",
        ),
        (
            {"PAWL_MODELS_CRITIC": "anthropic:claude-opus-5"},
            r"CRITIC names anthropic:claude-opus-5, but anthropic is not configured \(configured: none is\): set ANTHROPIC_API",
        ),
    ],
)
async def test_a_model_of_nobodys_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        await seated(monkeypatch, **variables)


@pytest.mark.parametrize(("vendor", "good"), [("openai", openai.GOOD), ("anthropic", anthropic.GOOD)])
def test_what_is_taken_by_default_has_a_known_price(vendor: str, good: tuple[str, ...]) -> None:
    assert set(good) <= set(KNOWN[vendor])


@dataclass(frozen=True)
class _Named:
    name: str


def seat(provider: str, model: str) -> Seat:
    return Seat(cast("Provider", _Named(provider)), model)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), unique=True))
def test_who_criticises_is_somebody_else_wherever_there_is_somebody(pairs: list[tuple[str, str]]) -> None:
    seats = tuple(seat(*each) for each in pairs)
    ordered = apart(seats, seats[:1])
    assert sorted(each.author for each in ordered) == sorted(each.author for each in seats)
    if len(seats) > 1:
        assert ordered[0] != seats[0]
    if len({each.provider.name for each in seats}) > 1:
        assert ordered[0].provider != seats[0].provider
