"""OpenAI, and whoever speaks its language at another address: Responses at OpenAI's own, Chat Completions anywhere else.

Many compatible servers know no Responses, so the address decides, once; there is no second try in the other language. What a
server rejects of the parameters that not every server knows is left out from then on (``llm/allowance.py``); a schema is then
told in words. Answers are always streamed, so that silence is noticed.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import Any, Final

import openai
from pydantic import BaseModel, ValidationError

from bot.llm.allowance import Allowance
from bot.llm.bounded import HEADERS, HOOKS
from bot.llm.dialects import Chat, Responses
from bot.llm.failure import failure
from bot.llm.provider import Completion, Endpoint, Failure, FailureKind, Message, Request, Vendor
from bot.llm.strict_schema import promised
from bot.llm.wire import (
    CONNECT,
    LONGEST,
    heard_of,
    in_words,
    is_at,
    is_loopback,
    never_sent,
    no_stream,
    raw_of,
    silent,
    too_slow,
    underneath,
    usable,
)

HOST: Final = "api.openai.com"
OWN: Final = f"https://{HOST}/v1"
GOOD: Final = ("gpt-6-sol", "gpt-5.6-sol", "gpt-5.6", "gpt-5.5", "gpt-5.4", "gpt-5.1", "gpt-5", "gpt-4.1", "gpt-4o")
"""Models to take by default, best first, where an endpoint has them."""
_NO_CHAT: Final = re.compile(
    r"embed|whisper|tts|dall-e|image|moderation|audio|realtime|transcri|sora|rerank|guard|instruct|babbage|davinci|live|search",
    re.IGNORECASE,
)
"""Names of models that answer no conversation."""
_WARM: Final = re.compile(r"(chat)?gpt-(3|4)")
"""Models of OpenAI's own that take a temperature; those that reason reject one."""


class _Client(openai.AsyncOpenAI):
    """The SDK's client without what it finds in the environment: another account's organisation, key or headers."""

    def __init__(self, endpoint: Endpoint) -> None:
        base = endpoint.base_url or OWN
        limits = openai.Timeout(endpoint.timeout, connect=min(CONNECT, endpoint.timeout))
        http = openai.DefaultAsyncHttpxClient(
            trust_env=not is_loopback(base), follow_redirects=False, timeout=limits, headers=HEADERS, event_hooks=HOOKS
        )
        super().__init__(api_key=endpoint.key or "none", base_url=base, timeout=limits, max_retries=0, http_client=http)
        self.organization = self.project = self.admin_api_key = self.webhook_secret = None
        self._custom_headers = {}


class Speaker:
    """An endpoint that speaks OpenAI's language."""

    def __init__(self, endpoint: Endpoint, *, responses: bool) -> None:
        self._endpoint = endpoint
        self._responses = responses
        self._client = _Client(endpoint)
        self._allowance = Allowance()

    @property
    def name(self) -> str:
        return self._endpoint.name

    async def complete(self, request: Request, heard: Callable[[int], None]) -> Completion:
        gathered = (Responses if self._responses else Chat)(heard_of(heard, request.most_output), self._endpoint.key)
        try:
            with underneath(self._endpoint.timeout):
                async with asyncio.timeout(self._endpoint.timeout * LONGEST):
                    stream = await (self._respond(request) if self._responses else self._chat(request))
                    await self._hear(stream, gathered)
        except openai.OpenAIError as error:
            failed = _failure(error, self._endpoint)
            if failed.kind is FailureKind.REJECTED and not self._responses:
                failed.learned = self._allowance.learn(request.model, self._optional(request), failed.said)
            raise failed from error
        except TimeoutError as error:
            raise too_slow(self._endpoint.timeout) from error
        return gathered.completion()

    async def models(self) -> tuple[str, ...]:
        try:
            with underneath(self._endpoint.timeout):
                raw = await self._client.models.with_raw_response.list()
            names = [each.id for each in _Listed.model_validate_json(raw.content).data]
        except openai.OpenAIError as error:
            raise _failure(error, self._endpoint) from error
        except ValidationError as error:
            raise Failure(FailureKind.MALFORMED, "its list of models is none") from error
        talking = [each for each in usable(names) if not _NO_CHAT.search(each)]
        first = [each for each in GOOD if each in talking]
        return tuple(dict.fromkeys((*first, *talking)))

    async def close(self) -> None:
        await self._client.close()

    async def _chat(self, request: Request) -> Any:
        wish = self._optional(request)
        system = _system(request)
        if request.schema is not None and "response_format" not in wish:
            system = f"{system}\n\n{in_words(request.schema)}"
        if request.offers:
            wish["tools"] = [
                {"type": "function", "function": {"name": each.name, "description": each.does, "parameters": dict(each.takes)}}
                for each in request.offers
            ]
        messages: Any = [{"role": "system", "content": system}, *map(_chat_message, request.messages)]
        return await self._client.chat.completions.create(model=request.model, messages=messages, stream=True, **wish)

    def _optional(self, request: Request) -> dict[str, Any]:
        """Return what is sent of the parameters that not every server knows."""
        wish: dict[str, Any] = {"max_tokens": request.most_output, "stream_options": {"include_usage": True}}
        if not self._allowance.takes(request.model, "max_tokens"):
            wish["max_completion_tokens"] = request.most_output
        if request.schema is not None:
            wish["response_format"] = {"type": "json_schema", "json_schema": _format(request.schema)}
        if request.temperature is not None:
            wish["temperature"] = request.temperature
        return {name: each for name, each in wish.items() if self._allowance.takes(request.model, name)}

    async def _respond(self, request: Request) -> Any:
        wish: dict[str, Any] = {}
        if request.schema is not None:
            wish["text"] = {"format": {"type": "json_schema", **_format(request.schema)}}
        if request.offers:
            wish["tools"] = [
                {"type": "function", "name": each.name, "description": each.does, "parameters": dict(each.takes), "strict": False}
                for each in request.offers
            ]
        if request.temperature is not None and _WARM.match(request.model):
            wish["temperature"] = request.temperature
        turns: Any = [item for each in request.messages for item in _response_items(each)]
        return await self._client.responses.create(
            model=request.model,
            instructions=_system(request),
            input=turns,
            max_output_tokens=request.most_output,
            prompt_cache_key=hashlib.sha256(request.system.encode()).hexdigest()[:32],
            store=False,
            stream=True,
            **wish,
        )

    async def _hear(self, stream: Any, gathered: Chat | Responses) -> None:
        """Feed a stream's events to who gathers them; raises Failure where it breaks off or is none."""
        kind = stream.response.headers.get("content-type", "")
        try:
            if "event-stream" not in kind:
                raise no_stream(kind)
            async with aclosing(aiter(stream)) as events:
                async for event in events:
                    gathered.add(event.model_dump(warnings=False) if isinstance(event, BaseModel) else event)
        except openai.APITimeoutError:
            raise
        except openai.APIConnectionError as error:
            raise Failure(FailureKind.CUT, "the connection broke while it answered") from error
        except (ValueError, RecursionError) as error:
            raise Failure(FailureKind.MALFORMED, "an event of its stream is not what its interface promises") from error
        finally:
            await stream.close()


class _Named(BaseModel):
    id: str


class _Listed(BaseModel):
    data: list[_Named]


def _failure(error: openai.OpenAIError, endpoint: Endpoint) -> Failure:
    """Return what an error of the SDK's means."""
    if isinstance(error, openai.APITimeoutError) and not never_sent(error.__cause__):
        return silent(endpoint.timeout)
    if isinstance(error, openai.APIConnectionError):
        if isinstance(error.__cause__, Failure):
            return error.__cause__
        return Failure(FailureKind.UNAVAILABLE, f"no connection to {endpoint.base_url or OWN} ({type(error.__cause__).__name__})")
    if isinstance(error, openai.APIResponseValidationError):
        return Failure(FailureKind.MALFORMED, "its answer is not what its interface promises")
    if not isinstance(error, openai.APIError):
        return Failure(FailureKind.REJECTED, "the request could not be made")
    said = error.body.get("message") if isinstance(error.body, Mapping) else None
    status = error.status_code if isinstance(error, openai.APIStatusError) else 0
    headers = dict(error.response.headers) if isinstance(error, openai.APIStatusError) else {}
    word = error.code if error.code and not error.code.isdigit() else error.type
    return failure(status, word or "", str(said or error.message), headers, endpoint.key)


def _system(request: Request) -> str:
    return "\n\n".join(each for each in (request.system, request.rules) if each)


def _format(schema: Mapping[str, Any]) -> dict[str, Any]:
    strict = promised(schema)
    return {"name": "answer", "schema": strict or dict(schema), "strict": strict is not None}


def _chat_message(message: Message) -> dict[str, Any]:
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.answers, "content": message.text}
    if not message.calls:
        return {"role": message.role, "content": message.text}
    calls = [
        {"id": each.id, "type": "function", "function": {"name": each.name, "arguments": raw_of(each)}} for each in message.calls
    ]
    return {"role": message.role, "content": message.text or None, "tool_calls": calls}


def _response_items(message: Message) -> list[dict[str, Any]]:
    if message.role == "tool":
        return [{"type": "function_call_output", "call_id": message.answers, "output": message.text}]
    said = [{"role": message.role, "content": message.text}] if message.text else []
    calls = [
        {"type": "function_call", "call_id": each.id, "name": each.name, "arguments": raw_of(each)} for each in message.calls
    ]
    return [*said, *calls]


def _connect(endpoint: Endpoint) -> Speaker:
    return Speaker(endpoint, responses=is_at(endpoint.base_url, HOST))


PROVIDER = Vendor("openai", _connect)
