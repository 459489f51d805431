from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import anthropic
import openai
import pytest
from jsonschema import Draft202012Validator
from openai.types.chat import ChatCompletionChunk

from tests.doubles.models import aimock
from tests.doubles.models.__main__ import smallest
from tests.doubles.models.double import ModelDouble
from tests.doubles.models.fault import cut, failing, limited, silent
from tests.doubles.models.wire import Say, Seen

ROOT = Path(__file__).parents[2]
ASK: dict[str, Any] = {"model": "m", "stream": True, "messages": [{"role": "system", "content": "Your duty: reader\n"}]}


async def post(models: ModelDouble, body: dict[str, Any], endpoint: str = "openai") -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {models.key}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(f"{models.endpoint(endpoint)}/chat/completions", json=body) as answer,
    ):
        return answer.status, await answer.text()


async def test_answers_come_by_duty_in_order(models: ModelDouble) -> None:
    models.script("reader", "one", {"two": 2})
    models.script("critic", "three", forever=True)
    critic = ASK | {"messages": [{"role": "system", "content": "Your duty: critic\n"}]}
    said = [(await post(models, each))[1] for each in (critic, ASK, critic, ASK)]
    assert ["three" in said[0], "one" in said[1], "three" in said[2], "two" in said[3]] == [True] * 4
    assert [each.duty for each in models.requests] == ["critic", "reader", "critic", "reader"]
    assert models.asked("critic") == [models.requests[0], models.requests[2]]


async def test_a_function_answers_by_what_it_was_sent(models: ModelDouble) -> None:
    models.script(lambda seen: seen.endpoint == "groq", lambda seen: f"{seen.model} at {seen.endpoint}", forever=True)
    assert "m at groq" in (await post(models, ASK, "groq"))[1]


async def test_what_has_no_answer_is_told_and_fails_the_test(models: ModelDouble) -> None:
    models.script("reader", "only one")
    await post(models, ASK)
    status, text = await post(models, ASK)
    assert (status, "no answer left for reader" in text) == (400, True)
    assert len(models.unanswered) == 1
    models.unanswered.clear()


async def test_faults_come_before_answers_and_use_none_up(models: ModelDouble) -> None:
    models.script("reader", "the answer")
    models.faults(limited("3"), None, endpoint="openai")
    models.faults(failing(500), endpoint="groq", forever=True)
    assert [(await post(models, ASK, each))[0] for each in ("openai", "groq", "groq")] == [429, 500, 500]
    assert "the answer" in (await post(models, ASK))[1]


async def test_a_fault_can_stand_in_a_script(models: ModelDouble) -> None:
    models.script("reader", limited(), "the answer")
    assert (await post(models, ASK))[0] == 429
    assert "the answer" in (await post(models, ASK))[1]


async def test_a_cut_stream_breaks_and_a_silent_one_stays_open(models: ModelDouble) -> None:
    models.faults(cut(2), silent(2))
    with pytest.raises(aiohttp.ClientPayloadError):
        await post(models, ASK)
    headers = {"Authorization": f"Bearer {models.key}"}
    limits = aiohttp.ClientTimeout(sock_read=0.2)
    async with (
        aiohttp.ClientSession(headers=headers, timeout=limits) as http,
        http.post(f"{models.openai_url}/chat/completions", json=ASK) as answer,
    ):
        first = await answer.content.readuntil(b"\n\n")
        with pytest.raises(aiohttp.ServerTimeoutError):
            await answer.content.read()
    assert b"chat.completion.chunk" in first


async def test_everything_that_left_is_there_to_be_read(models: ModelDouble) -> None:
    models.script("reader", "fine")
    await post(models, ASK | {"messages": [*ASK["messages"], {"role": "user", "content": "cänary"}]})
    assert "cänary" in models.sent
    models.reset()
    assert (models.requests, models.sent) == ([], "")


async def test_each_chunk_is_what_openais_own_types_want(models: ModelDouble) -> None:
    models.script("reader", Say("Well.", calls=(("look", {"at": "a"}),), cached=3, input=9), Say("I will not", stop="refusal"))
    for _ in range(2):
        lines = (await post(models, ASK | {"stream_options": {"include_usage": True}}))[1].split("\n\n")
        chunks = [
            ChatCompletionChunk.model_validate_json(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")
        ]
        assert chunks[-1].usage is not None
        assert chunks[-1].usage.prompt_tokens_details is not None


async def test_both_vendors_own_clients_understand_it(models: ModelDouble) -> None:
    models.script("reader", Say("Hello from both.", input=9, output=4, cached=3), forever=True)
    async with anthropic.AsyncAnthropic(api_key=models.key, base_url=models.anthropic_url, max_retries=0) as client:
        question: Any = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
        async with client.messages.stream(system="Your duty: reader", **question) as stream:
            message = await stream.get_final_message()
    assert (message.content[0].type, message.stop_reason) == ("text", "end_turn")
    assert (message.usage.input_tokens, message.usage.cache_read_input_tokens, message.usage.output_tokens) == (6, 3, 4)
    async with (
        openai.AsyncOpenAI(api_key=models.key, base_url=models.openai_url, max_retries=0) as other,
        other.responses.stream(model="m", instructions="Your duty: reader", input="hi") as events,
    ):
        response = await events.get_final_response()
    assert response.output_text == "Hello from both."


def test_schemas_and_duties_are_read_in_every_language() -> None:
    system = "Your duty: critic\nRefute it."
    schema = {"type": "object"}
    for path, body in (
        (
            "/v1/chat/completions",
            {"messages": [{"role": "system", "content": system}], "response_format": {"json_schema": {"schema": schema}}},
        ),
        ("/v1/responses", {"instructions": system, "text": {"format": {"schema": schema}}}),
        ("/v1/messages", {"system": [{"type": "text", "text": system}], "output_config": {"format": {"schema": schema}}}),
    ):
        seen = Seen("x", path, "k", {}, body)
        assert (seen.duty, seen.schema) == ("critic", schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "integer"}, "b": {"enum": ["x", "y"]}}},
        {"type": "array", "items": {"type": "object", "properties": {}}, "minItems": 2},
        {"anyOf": [{"type": "null"}, {"type": "string"}]},
        {"type": ["string", "null"]},
        {"const": False},
    ],
)
def test_the_smallest_answer_fits(schema: dict[str, Any]) -> None:
    Draft202012Validator(schema).validate(smallest(schema))


def test_without_npm_one_sentence_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(aimock.Unavailable, match=r"^npm is missing.*apt-get install npm"):
        aimock.program()


def test_a_person_gets_what_to_export(tmp_path: Path) -> None:
    (tmp_path / "script.json").write_text(json.dumps({"reader": ["by hand"]}))
    command = [sys.executable, "-m", "tests.doubles.models", "--script", str(tmp_path / "script.json")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stdout
        lines = [process.stdout.readline().strip() for _ in range(4)]
        process.terminate()
    assert [line.split("=")[0] for line in lines] == [
        "export OPENAI_BASE_URL",
        "export OPENAI_API_KEY",
        "export ANTHROPIC_BASE_URL",
        "export ANTHROPIC_API_KEY",
    ]
