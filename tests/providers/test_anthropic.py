from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.llm.provider import Endpoint, Failure, FailureKind, Message, Stop
from bot.llm.wire import heard_of
from bot.providers.anthropic import PROVIDER, Speaker, _Gathered
from tests.doubles.models.double import ModelDouble
from tests.doubles.models.fault import Fault, late
from tests.doubles.models.wire import Say
from tests.providers.conversation import EVENTS, FAULTS, FREE, NAMES, READ, SCHEMA, ask, fail, patience, say


@pytest.fixture
async def speaker(models: ModelDouble) -> AsyncIterator[Speaker]:
    speaker = Speaker(Endpoint("anthropic", models.key, models.anthropic_url, timeout=5))
    yield speaker
    await speaker.close()


async def test_text_is_heard_while_it_comes_and_counted(models: ModelDouble, speaker: Speaker) -> None:
    text = "The cart adds the tax twice: see shop/cart.py:12."
    models.script("reader", Say(text, input=100, output=12, cached=64))
    said, heard = await say(speaker, ask(temperature=0.5, most_output=77))
    assert (said.text, said.stop, said.model, said.calls) == (text, Stop.END, "some-model", ())
    assert (said.input, said.output, said.cached) == (100, 12, 64), "what was read from the cache was sent as well"
    assert heard == sorted(heard)
    assert len(heard) > 1
    assert heard[-1] == len(text)
    body = models.requests[0].body
    assert (body["stream"], body["max_tokens"]) == (True, 77)
    assert "temperature" not in body


async def test_what_comes_again_with_every_tool_is_marked_for_the_cache(models: ModelDouble, speaker: Speaker) -> None:
    models.script("reader", "yes", Say("I look.", calls=(("read_file", {"path": "a.py"}),)), "no")
    first = Message("user", "one\n\ntwo", parts=("one", "two"))
    await say(speaker, replace(ask(), messages=(first,), rules="Rules."))
    said, _ = await say(speaker, replace(ask(offers=(READ,)), messages=(first,), rules="Rules."))
    turns = (first, Message("assistant", said.text, said.calls), Message("tool", "empty", answers=said.calls[0].id))
    await say(speaker, replace(ask(offers=(READ,)), messages=turns, rules="Rules."))
    assert [marked(each.body["system"]) for each in models.requests] == [[], [0], [0]], "the rules are each run's own"
    assert [[marked(turn["content"]) for turn in each.body["messages"]] for each in models.requests] == [
        [[]],
        [[1]],
        [[1], [], [0]],
    ]


def marked(blocks: list[dict[str, Any]]) -> list[int]:
    """Return which blocks are marked for the cache."""
    return [at for at, each in enumerate(blocks) if "cache_control" in each]


async def test_an_answer_is_held_to_its_schema_where_the_vendor_can(models: ModelDouble, speaker: Speaker) -> None:
    models.script("reader", {"steps": ["a"], "note": "b"}, {"renamed": {"a": "b"}})
    said, _ = await say(speaker, ask(schema=SCHEMA))
    assert said.text == '{"steps": ["a"], "note": "b"}'
    await say(speaker, ask(schema=FREE))
    promised, free = models.requests
    assert promised.body["output_config"]["format"]["schema"]["required"] == ["steps", "note"]
    assert "output_config" not in free.body
    assert '"renamed"' in free.system


async def test_a_round_of_tools(models: ModelDouble, speaker: Speaker) -> None:
    two = (("read_file", {"path": "a.py"}), ("read_file", {"path": "b.py"}))
    models.script("reader", Say("I look.", calls=two), "Both are empty.")
    first, _ = await say(speaker, ask(offers=(READ,)))
    assert (first.stop, first.text) == (Stop.TOOLS, "I look.")
    assert [(each.name, each.arguments) for each in first.calls] == [(name, arguments) for name, arguments in two]
    answers = tuple(Message("tool", f"answer to {each.id}", answers=each.id) for each in first.calls)
    turns = (*ask().messages, Message("assistant", first.text, first.calls), *answers)
    second, _ = await say(speaker, replace(ask(offers=(READ,)), messages=turns))
    assert (second.stop, second.text) == (Stop.END, "Both are empty.")
    sent = models.requests[1].body["messages"]
    assert [each["role"] for each in sent] == ["user", "assistant", "user"]
    assert [each["tool_use_id"] for each in sent[2]["content"]] == [each.id for each in first.calls]


async def test_arguments_that_are_no_json_are_told_as_they_were_written(models: ModelDouble, speaker: Speaker) -> None:
    models.script("reader", Say(calls=(("read_file", {"path": "a.py"}),), raw_calls=True), "sorry")
    said, _ = await say(speaker, ask(offers=(READ,)))
    assert (said.calls[0].arguments, said.calls[0].raw) == (None, "{not json")
    turns = (*ask().messages, Message("assistant", "", said.calls), Message("tool", "no JSON", answers=said.calls[0].id))
    assert (await say(speaker, replace(ask(offers=(READ,)), messages=turns)))[0].text == "sorry"


@pytest.mark.parametrize(("stop", "wanted"), [("length", Stop.LENGTH), ("refusal", Stop.DECLINED)])
async def test_why_it_stopped(models: ModelDouble, speaker: Speaker, stop: str, wanted: Stop) -> None:
    models.script("reader", Say("I would rather", stop=stop))  # type: ignore[arg-type]
    said, _ = await say(speaker, ask())
    assert said.stop is wanted


@pytest.mark.parametrize(("fault", "kind", "after"), FAULTS, ids=NAMES)
async def test_every_failure_has_its_kind(models: ModelDouble, fault: Fault, kind: FailureKind, after: float | None) -> None:
    models.faults(fault)
    speaker = Speaker(Endpoint("anthropic", models.key, models.anthropic_url, timeout=patience(fault)))
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
    speaker = Speaker(Endpoint("anthropic", "my-very-own-key", models.anthropic_url))
    failure = await fail(speaker, ask())
    assert (failure.kind, failure.said) == (FailureKind.DENIED, "HTTP 401: invalid x-api-key")
    await speaker.close()


async def test_models_are_listed_the_known_good_one_first(speaker: Speaker) -> None:
    assert await speaker.models() == ("claude-opus-5-5", "claude-haiku-4-5")


async def test_nothing_of_another_account_comes_in_from_the_environment(
    models: ModelDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AUTH_TOKEN", "PROFILE", "BASE_URL"):
        monkeypatch.setenv(f"ANTHROPIC_{name}", "somebody-elses")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Account: somebody-elses\nX-Api-Key: somebody-elses")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    models.script("reader", "hello")
    speaker = Speaker(Endpoint("anthropic", models.key, f"{models.anthropic_url}/v1/"))
    await say(speaker, ask())
    await speaker.close()
    assert "somebody-elses" not in str(models.requests[0].headers)


async def test_without_an_address_it_is_anthropics_own() -> None:
    speaker = PROVIDER.connect(Endpoint("anthropic", "k", ""))
    assert isinstance(speaker, Speaker)
    assert str(speaker._client.base_url).rstrip("/") == "https://api.anthropic.com"
    await speaker.close()


@given(st.lists(EVENTS, max_size=4))
def test_whatever_a_stream_brings_is_a_completion_or_a_failure(events: list[object]) -> None:
    gathered = _Gathered(heard_of(lambda _: None, 10))
    with contextlib.suppress(Failure, ValueError):  # as `_hear` takes them
        for each in events:
            gathered.add(each)
        assert gathered.completion().stop in Stop
