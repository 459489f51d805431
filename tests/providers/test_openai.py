from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.llm.provider import Endpoint, FailureKind, Message, Stop
from bot.providers.openai import PROVIDER, Speaker
from tests.doubles.models.double import ModelDouble
from tests.doubles.models.fault import Fault, late
from tests.doubles.models.wire import Say
from tests.providers.conversation import FAULTS, FREE, NAMES, READ, SCHEMA, ask, fail, patience, say


@pytest.fixture(params=["chat", "responses"])
async def speaker(models: ModelDouble, request: pytest.FixtureRequest) -> AsyncIterator[Speaker]:
    endpoint = Endpoint("openai", models.key, models.openai_url, timeout=5)
    speaker = Speaker(endpoint, responses=request.param == "responses")
    yield speaker
    await speaker.close()


async def test_text_is_heard_while_it_comes_and_counted(models: ModelDouble, speaker: Speaker) -> None:
    text = "The cart adds the tax twice: see shop/cart.py:12."
    models.script("reader", Say(text, input=100, output=12, cached=64))
    said, heard = await say(speaker, ask(temperature=0.5, most_output=77))
    assert (said.text, said.stop, said.model, said.calls) == (text, Stop.END, "some-model", ())
    assert (said.input, said.output, said.cached) == (100, 12, 64)
    assert heard == sorted(heard)
    assert len(heard) > 1
    assert heard[-1] == len(text)
    seen = models.requests[0]
    assert (seen.model, seen.system) == ("some-model", "Your duty: reader\nBe brief.")
    assert seen.body["stream"] is True
    assert seen.body.get("max_tokens", seen.body.get("max_output_tokens")) == 77


async def test_an_answer_is_held_to_its_schema_where_the_vendor_can(models: ModelDouble, speaker: Speaker) -> None:
    models.script("reader", {"steps": ["a"], "note": "b"}, {"renamed": {"a": "b"}})
    said, _ = await say(speaker, ask(schema=SCHEMA))
    assert said.text == '{"steps": ["a"], "note": "b"}'
    await say(speaker, ask(schema=FREE))
    strict, free = (
        each.body.get("response_format", {}).get("json_schema") or each.body["text"]["format"] for each in models.requests
    )
    assert (strict["strict"], free["strict"]) == (True, False)
    assert strict["schema"]["properties"]["note"] == {"type": "string"}
    assert free["schema"] == FREE


async def test_a_server_that_lacks_what_others_have_answers_all_the_same(models: ModelDouble) -> None:
    models.lacks("groq", "response_format", "stream_options", "temperature", "max_tokens", "max_completion_tokens")
    models.script("reader", {"steps": [], "note": "a"}, {"steps": [], "note": "b"})
    speaker = Speaker(Endpoint("groq", models.key, models.endpoint("groq")), responses=False)
    request = ask(schema=SCHEMA, temperature=0.5)
    for _ in range(5):
        failure = await fail(speaker, request)
        assert (failure.kind, failure.learned) == (FailureKind.REJECTED, True)
    assert (await say(speaker, request))[0].text == '{"steps": [], "note": "a"}'
    assert (await say(speaker, request))[0].text == '{"steps": [], "note": "b"}', "it is remembered"
    await speaker.close()
    assert "fits this JSON schema" in models.requests[-1].system
    assert len(models.requests) == 7


async def test_a_round_of_tools(models: ModelDouble, speaker: Speaker) -> None:
    two = (("read_file", {"path": "a.py"}), ("read_file", {"path": "b.py"}))
    models.script("reader", Say("I look.", calls=two), "Both are empty.")
    first, _ = await say(speaker, ask(offers=(READ,)))
    assert (first.stop, first.text) == (Stop.TOOLS, "I look.")
    assert [(each.name, each.arguments) for each in first.calls] == [(name, arguments) for name, arguments in two]
    assert len({each.id for each in first.calls}) == 2
    answers = tuple(Message("tool", "", answers=each.id) for each in first.calls)
    turns = (*ask().messages, Message("assistant", first.text, first.calls), *answers)
    second, _ = await say(speaker, replace(ask(offers=(READ,)), messages=turns))
    assert (second.stop, second.text) == (Stop.END, "Both are empty.")
    assert all(each.id in models.requests[1].text for each in first.calls)
    assert "read_file" in str(models.requests[0].body["tools"])


async def test_arguments_that_are_no_json_are_told_as_they_were_written(models: ModelDouble, speaker: Speaker) -> None:
    models.script("reader", Say(calls=(("read_file", {"path": "a.py"}),), raw_calls=True))
    said, _ = await say(speaker, ask(offers=(READ,)))
    assert (said.calls[0].arguments, said.calls[0].raw) == (None, "{not json")


@pytest.mark.parametrize(("stop", "wanted"), [("length", Stop.LENGTH), ("refusal", Stop.DECLINED)])
async def test_why_it_stopped(models: ModelDouble, speaker: Speaker, stop: str, wanted: Stop) -> None:
    models.script("reader", Say("I would rather", stop=stop))  # type: ignore[arg-type]
    said, _ = await say(speaker, ask())
    assert said.stop is wanted


@pytest.mark.parametrize(("fault", "kind", "after"), FAULTS, ids=NAMES)
async def test_every_failure_has_its_kind(
    models: ModelDouble, speaker: Speaker, fault: Fault, kind: FailureKind, after: float | None
) -> None:
    models.faults(fault)
    speaker = Speaker(Endpoint("openai", models.key, models.openai_url, timeout=patience(fault)), responses=speaker._responses)
    failure = await fail(speaker, ask(most_output=10))
    assert (failure.kind, failure.after) == (kind, after)
    assert len(models.requests) == 1, "it is the router that tries again"
    await speaker.close()


async def test_a_late_answer_is_an_answer(models: ModelDouble, speaker: Speaker) -> None:
    models.script("reader", "here I am")
    models.faults(late(0.05))
    said, _ = await say(speaker, ask())
    assert said.text == "here I am"


async def test_a_wrong_key_is_denied_and_never_told(models: ModelDouble) -> None:
    speaker = Speaker(Endpoint("openai", "my-very-own-key", models.openai_url), responses=False)
    failure = await fail(speaker, ask())
    assert (failure.kind, "my-very-own-key" in failure.said) == (FailureKind.DENIED, False)
    models.key, right = "my-very-own-key", models.key
    models.faults(Fault("status", 500, "server_error", "key my-very-own-key of\nsk-abcdefabcdefabcdefabcdef broke"))
    failure = await fail(speaker, ask())
    models.key = right
    assert failure.said == "HTTP 500: key [struck out] of [struck out] broke"
    await speaker.close()


async def test_models_that_talk_are_listed_the_known_good_one_first(models: ModelDouble, speaker: Speaker) -> None:
    assert await speaker.models() == ("gpt-5.5", "gpt-4o")
    models.offers("openai", "| ](http://a) \n\x1b[31m", "zephyr", "nomic-embed-text", "llama")
    assert await speaker.models() == ("zephyr", "llama")


async def test_nothing_of_another_account_comes_in_from_the_environment(
    models: ModelDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ORG_ID", "PROJECT_ID", "ADMIN_KEY"):
        monkeypatch.setenv(f"OPENAI_{name}", "somebody-elses")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Account: somebody-elses\nAuthorization: Bearer somebody-elses")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    models.script("reader", "hello")
    speaker = Speaker(Endpoint("openai", models.key, models.openai_url), responses=False)
    await say(speaker, ask())
    await speaker.close()
    assert "somebody-elses" not in str(models.requests[0].headers)


async def test_the_address_decides_on_the_language(models: ModelDouble) -> None:
    for url, responses in (
        ("", True),
        ("https://api.openai.com/v1", True),
        ("https://eu.api.openai.com/v1", True),
        ("https://api.openai.com.example.org/v1", False),
        (models.openai_url, False),
    ):
        speaker = PROVIDER.connect(Endpoint("openai", "k", url))
        assert isinstance(speaker, Speaker)
        assert speaker._responses is responses
        assert speaker.name == "openai"
        await speaker.close()
