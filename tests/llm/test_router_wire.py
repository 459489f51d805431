"""The router over real connections: both vendors' SDKs against a double of their servers, spoilt in every way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias

import pytest

from bot.llm.asking import Answer, Ask, Duty, NoAnswer, Passage, Tool
from bot.llm.budget import Budget
from bot.llm.patience import Patience
from bot.llm.provider import Endpoint
from bot.llm.router import Fate, Router
from bot.llm.seat import Seat
from bot.providers import anthropic, openai
from bot.seats import seats_of
from bot.settings import Settings
from tests.doubles.models import fault
from tests.doubles.models.double import ModelDouble
from tests.doubles.models.fault import Fault
from tests.doubles.models.wire import Say
from tests.llm.test_router import SCHEMA, TAKES, Notebook, shouting

MODELS = "openai:gpt-5.5 anthropic:claude-opus-5-5"
QUESTION = Ask(Duty.READER, "Your duty: reader\nAnswer.", (Passage("instruction", "what?"),), SCHEMA, most_output=1_000)
Asking: TypeAlias = Callable[..., Awaitable[tuple[Answer | NoAnswer, Notebook]]]
FAULTS: dict[str, tuple[Fault, int, str]] = {
    "429": (fault.limited(), 3, "rate limited: HTTP 429"),
    "429 at once": (fault.limited("0"), 3, "rate limited: HTTP 429"),
    "429 for long": (fault.limited("3600"), 1, "rate limited: HTTP 429"),
    "500": (fault.failing(500), 3, "unavailable: HTTP 500"),
    "529": (fault.overloaded(529), 3, "overloaded: HTTP 529"),
    "503": (fault.overloaded(503), 3, "overloaded: HTTP 503"),
    "401": (fault.failing(401, "no such key", "authentication_error"), 1, "denied: HTTP 401"),
    "400": (fault.failing(400, "not like this", "invalid_request_error"), 1, "rejected: HTTP 400"),
    "too long": (fault.too_long(), 1, "too long: HTTP 400"),
    "gone": (fault.gone(), 3, "unavailable"),
    "half an error": (fault.half_an_error(400), 3, "unavailable"),
    "a stalling error": (fault.half_an_error(500, stalls=True), 3, "timeout"),
    "cut": (fault.cut(), 3, "cut off"),
    "ends": (fault.ends(), 3, "cut off"),
    "garbage": (fault.garbage(), 3, "malformed"),
    "no stream": (fault.no_stream(), 3, "malformed"),
    "silent": (fault.silent(), 3, "timeout"),
    "flood": (fault.flood(), 1, "longer than"),
    "error event": (fault.error_event(), 3, "overloaded"),
}
"""What spoils an answer, how often it is tried, and what is said of it."""


@pytest.fixture
def ask(models: ModelDouble, monkeypatch: pytest.MonkeyPatch) -> Asking:
    """Ask through a router of its own; no pause lasts."""
    for name, value in {**models.environment(), "PAWL_MODELS": MODELS}.items():
        monkeypatch.setenv(name, value)
    fate = Fate(sleep=lambda _: asyncio.sleep(0))

    async def asking(
        question: Ask = QUESTION, patience: Patience | None = None, silence: float = 30.0
    ) -> tuple[Answer | NoAnswer, Notebook]:
        monkeypatch.setenv("PAWL_MODEL_TIMEOUT", str(silence))
        seats, journal = await seats_of(Settings()), Notebook()
        router = Router(seats.by_duty, Budget(), journal, fate=fate, patience=patience or Patience())
        try:
            return await router.ask(question), journal
        except NoAnswer as error:
            return error, journal
        finally:
            await seats.close()

    return asking


def bearing(name: str) -> float:
    """Return the seconds after which silence is a failure: few only where silence is what is tested."""
    return 2.0 if FAULTS[name][0].kind == "silent" or FAULTS[name][0].stalls else 30.0


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("spoilt", ["openai", "anthropic"])
async def test_whatever_one_vendor_does_the_other_answers(ask: Asking, models: ModelDouble, name: str, spoilt: str) -> None:
    spoils, tries, said = FAULTS[name]
    models.faults(spoils, endpoint=spoilt, forever=True)
    models.script("reader", {"n": 7}, forever=True)
    first = {"openai": "openai:gpt-5.5", "anthropic": "anthropic:claude-opus-5-5"}[spoilt]
    other = next(each for each in MODELS.split() if each != first)
    answer, journal = await ask(replace(QUESTION, avoid=frozenset({other})), silence=bearing(name))
    assert isinstance(answer, Answer), answer
    assert (answer.data, answer.author) == ({"n": 7}, other)
    assert answer.usage.money is None, "elsewhere than at its own address, nobody knows a model's price"
    assert [(each.left, each.taken) for each in journal.switches] == [(first, other)]
    assert said in journal.switches[0].why
    assert [each.author for each in journal.calls] == [*[first] * tries, other]
    assert models.key not in repr(journal)


@pytest.mark.parametrize("name", FAULTS)
async def test_where_both_are_spoilt_both_are_told(ask: Asking, models: ModelDouble, name: str) -> None:
    spoils, _, said = FAULTS[name]
    models.faults(spoils, endpoint="openai", forever=True)
    models.faults(fault.failing(403, "not yours", "permission_error"), endpoint="anthropic", forever=True)
    answer, _ = await ask(patience=Patience(tries=1), silence=bearing(name))
    assert isinstance(answer, NoAnswer)
    assert said in str(answer)
    assert "anthropic:claude-opus-5-5: denied: HTTP 403" in str(answer)
    assert models.key not in str(answer)


@pytest.mark.parametrize("endpoint", ["openai", "anthropic"])
@pytest.mark.parametrize(
    ("say", "said"),
    [
        (Say("I would rather not.", stop="refusal"), "it declined to answer"),
        (Say('{"n": ', stop="length"), "its answer was cut at 2,000 tokens"),
        (Say(" "), "its answer was empty"),
    ],
)
async def test_half_an_answer_is_none(ask: Asking, models: ModelDouble, endpoint: str, say: Say, said: str) -> None:
    models.script(lambda seen: seen.endpoint == endpoint, say, forever=True)
    models.script(lambda seen: seen.endpoint != endpoint, {"n": 1}, forever=True)
    first = next(each for each in MODELS.split() if each.startswith(endpoint))
    other = next(each for each in MODELS.split() if each != first)
    answer, journal = await ask(replace(QUESTION, avoid=frozenset({other})))
    assert isinstance(answer, Answer), answer
    assert (answer.author, journal.switches[0].why) == (other, said)


@pytest.mark.parametrize("wire", ["chat", "responses", "messages"])
async def test_two_questions_of_a_run_begin_alike(models: ModelDouble, wire: str) -> None:
    """Vendors' caches keep beginnings: what a later question adds stands behind what both have."""
    base = models.anthropic_url if wire == "messages" else models.openai_url
    place = Endpoint("anthropic" if wire == "messages" else "openai", models.key, base)
    speaker = anthropic.Speaker(place) if wire == "messages" else openai.Speaker(place, responses=wire == "responses")
    models.script("reader", {"n": 1}, {"n": 2})
    router = Router({Duty.READER: (Seat(speaker, "m"),)}, Budget(), Notebook())
    await router.ask(QUESTION)
    await router.ask(replace(QUESTION, passages=(*QUESTION.passages, Passage("what came of it", "nothing"))))
    await speaker.close()
    one, two = models.requests
    assert one.system == two.system
    assert two.first.startswith(one.first)
    assert len(one.first) > 50
    assert one.body.get("prompt_cache_key") == two.body.get("prompt_cache_key")


@pytest.mark.parametrize("endpoint", ["openai", "anthropic"])
async def test_tools_and_mending_in_one_conversation(ask: Asking, models: ModelDouble, endpoint: str) -> None:
    first = next(each for each in MODELS.split() if each.startswith(endpoint))
    others = frozenset(MODELS.split()) - {first}
    models.script("reader", Say(calls=(("shout", {"word": "hey"}),)), Say("It shouts."), {"n": 3})
    shout = Tool("shout", "Shouts.", TAKES, shouting)
    answer, journal = await ask(replace(QUESTION, tools=(shout,), avoid=others))
    assert isinstance(answer, Answer), answer
    assert (answer.data, answer.author) == ({"n": 3}, first)
    assert [each.outcome for each in journal.calls] == ["used tools", "did not fit", "answered"]
    assert "HEY!" in models.requests[1].text
    assert "it is not JSON" in models.requests[2].text
