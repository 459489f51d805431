"""Anthropic, and whoever speaks its Messages at another address.

Answers are always streamed, so that silence is noticed. Structured answers are promised by ``output_config.format`` where the
schema allows it; where it does not (free-form objects), the schema is told in words, and who checks the answer finds out. The
wire has no temperature any more: a wish for one is left to the vendor. Where tools are offered, the same beginning comes again
and again, and is marked for the vendor's prompt cache: the duty, the first turn and the last one. Writing it costs more than
sending it, so a question that is asked once is not marked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final, cast

import anthropic
import httpx2
from pydantic import BaseModel, Field, ValidationError

from bot.llm.bounded import HEADERS, HOOKS
from bot.llm.failure import failure
from bot.llm.provider import Completion, Endpoint, Failure, FailureKind, Message, Request, Stop, ToolCall, Vendor
from bot.llm.strict_schema import closed
from bot.llm.wire import (
    CONNECT,
    LONGEST,
    Heard,
    call_of,
    heard_of,
    in_words,
    is_loopback,
    never_sent,
    no_stream,
    silent,
    too_slow,
    underneath,
    usable,
)

OWN: Final = "https://api.anthropic.com"
GOOD: Final = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-opus-5", "claude-sonnet-5", "claude-opus-4-8", "claude-sonnet-4-6")
"""Models to take by default, best first, where an endpoint has them."""
_KEPT: Final = {"cache_control": {"type": "ephemeral"}}
_STOPS: Final = {
    "end_turn": Stop.END,
    "stop_sequence": Stop.END,
    "max_tokens": Stop.LENGTH,
    "model_context_window_exceeded": Stop.LENGTH,
    "tool_use": Stop.TOOLS,
    "refusal": Stop.DECLINED,
}


class _Client(anthropic.AsyncAnthropic):
    """The SDK's client without what it finds in the environment: another account's profile, token or headers."""

    def __init__(self, endpoint: Endpoint) -> None:
        base = _base(endpoint.base_url)
        limits = anthropic.Timeout(endpoint.timeout, connect=min(CONNECT, endpoint.timeout))
        http = httpx2.AsyncClient(
            trust_env=not is_loopback(base), follow_redirects=False, timeout=limits, headers=HEADERS, event_hooks=HOOKS
        )
        super().__init__(
            api_key=endpoint.key or "none",
            base_url=base,
            timeout=limits,
            max_retries=0,
            http_client=http,
            open_telemetry=False,
        )
        self._custom_headers = {}


class Speaker:
    """An endpoint that speaks Anthropic's language."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._client = _Client(endpoint)

    @property
    def name(self) -> str:
        return self._endpoint.name

    async def complete(self, request: Request, heard: Callable[[int], None]) -> Completion:
        gathered = _Gathered(heard_of(heard, request.most_output))
        try:
            with underneath(self._endpoint.timeout):
                async with asyncio.timeout(self._endpoint.timeout * LONGEST):
                    stream = await self._ask(request)
                    await self._hear(stream, gathered)
        except anthropic.AnthropicError as error:
            raise _failure(error, self._endpoint) from error
        except TimeoutError as error:
            raise too_slow(self._endpoint.timeout) from error
        return gathered.completion()

    async def models(self) -> tuple[str, ...]:
        try:
            with underneath(self._endpoint.timeout):
                raw = await self._client.models.with_raw_response.list(limit=1000)
                listed = _Listed.model_validate_json(await raw.read()).data
        except anthropic.AnthropicError as error:
            raise _failure(error, self._endpoint) from error
        except ValidationError as error:
            raise Failure(FailureKind.MALFORMED, "its list of models is none") from error
        names = usable(each.id for each in listed if each.lifecycle != "retired")
        return tuple(dict.fromkeys((*(each for each in GOOD if each in names), *names)))

    async def close(self) -> None:
        await self._client.close()

    async def _ask(self, request: Request) -> Any:
        system = request.system
        wish: dict[str, Any] = {}
        if request.schema is not None:
            promised = _format(request.schema)
            if promised is not None:
                wish["output_config"] = {"format": {"type": "json_schema", "schema": promised}}
            else:
                system = f"{system}\n\n{in_words(request.schema)}"
        if request.offers:
            wish["tools"] = [
                {"name": each.name, "description": each.does, "input_schema": dict(each.takes)} for each in request.offers
            ]
        turns = _turns(request.messages)
        duty: list[dict[str, Any]] = [{"type": "text", "text": system}] if system else []
        for blocks in (duty, turns[0]["content"], turns[-1]["content"]) if request.offers else ():
            blocks[-1:] = [each | _KEPT for each in blocks[-1:]]
        own: Any = [*duty, *([{"type": "text", "text": request.rules}] if request.rules else [])]
        return await self._client.messages.create(
            model=request.model,
            system=own,
            messages=cast("Any", turns),
            max_tokens=request.most_output,
            stream=True,
            **wish,
        )

    async def _hear(self, stream: Any, gathered: _Gathered) -> None:
        """Feed a stream's events to who gathers them; raises Failure where it breaks off or is none."""
        kind = stream.response.headers.get("content-type", "")
        try:
            if "event-stream" not in kind:
                raise no_stream(kind)
            async with aclosing(aiter(stream)) as events:
                async for event in events:
                    gathered.add(event.model_dump(warnings=False) if isinstance(event, BaseModel) else event)
        except httpx2.TimeoutException as error:
            raise silent(self._endpoint.timeout) from error
        except httpx2.TransportError as error:
            raise Failure(FailureKind.CUT, "the connection broke while it answered") from error
        except (ValueError, RecursionError) as error:
            raise Failure(FailureKind.MALFORMED, "an event of its stream is not what its interface promises") from error
        finally:
            await stream.close()


class _Usage(BaseModel):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None


class _Opening(BaseModel):
    model: str = ""
    usage: _Usage = Field(default_factory=_Usage)


class _Block(BaseModel):
    type: str = ""
    id: str = ""
    name: str = ""
    text: str | None = None


class _Delta(BaseModel):
    type: str = ""
    text: str | None = None
    partial_json: str | None = None
    stop_reason: str | None = None


class _Event(BaseModel):
    type: str = ""
    index: int = 0
    message: _Opening | None = None
    content_block: _Block | None = None
    delta: _Delta = Field(default_factory=_Delta)
    usage: _Usage | None = None


@dataclass
class _Gathered:
    """A completion as Messages streams it: it is whole once ``message_stop`` came."""

    heard: Heard
    blocks: dict[int, _Block] = field(default_factory=dict)
    said: dict[int, list[str]] = field(default_factory=dict)
    model: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    why: str = ""
    whole: bool = False

    def add(self, sent: object) -> None:
        event = _Event.model_validate(sent)
        if event.message is not None:
            self.model = event.message.model
            self._count(event.message.usage)
        if event.content_block is not None:
            self.blocks[event.index] = event.content_block
            self._say(event.index, event.content_block.text or "")
        self._say(event.index, event.delta.text or event.delta.partial_json or "")
        self.why = event.delta.stop_reason or self.why
        self._count(event.usage)
        self.whole = self.whole or event.type == "message_stop"

    def completion(self) -> Completion:
        """Return the whole; raises Failure where the stream ended before the model did, or gave a reason nobody knows."""
        if not self.whole or not self.why:
            raise Failure(FailureKind.CUT, "its stream ended before its last event")
        if self.why not in _STOPS:
            raise Failure(FailureKind.MALFORMED, f"it stopped for a reason that nobody knows ({self.why[:60]})")
        text = "".join(self._whole(index) for index, each in sorted(self.blocks.items()) if each.type == "text")
        calls = [
            call_of(each.id, each.name, self._whole(index))
            for index, each in sorted(self.blocks.items())
            if each.type == "tool_use"
        ]
        cached = self.counts.get("cache_read_input_tokens", 0)
        sent = self.counts.get("input_tokens", 0) + cached + self.counts.get("cache_creation_input_tokens", 0)
        return Completion(text, _STOPS[self.why], self.model, tuple(calls), sent, self.counts.get("output_tokens", 0), cached)

    def _say(self, index: int, text: str) -> None:
        self.heard.more(text)
        self.said.setdefault(index, []).append(text)
        self.heard.parts(len(self.said))

    def _whole(self, index: int) -> str:
        return "".join(self.said.get(index, ()))

    def _count(self, usage: _Usage | None) -> None:
        """Take the latest figures: those of ``message_delta`` are totals, not what was added."""
        if usage is not None:
            self.counts.update(usage.model_dump(exclude_none=True))


class _Named(BaseModel):
    id: str
    lifecycle: str = ""


class _Listed(BaseModel):
    data: list[_Named]


def _failure(error: anthropic.AnthropicError, endpoint: Endpoint) -> Failure:
    """Return what an error of the SDK's means."""
    if isinstance(error, anthropic.APITimeoutError) and not never_sent(error.__cause__):
        return silent(endpoint.timeout)
    if isinstance(error, anthropic.APIConnectionError):
        if isinstance(error.__cause__, Failure):
            return error.__cause__
        where = _base(endpoint.base_url)
        return Failure(FailureKind.UNAVAILABLE, f"no connection to {where} ({type(error.__cause__).__name__})")
    if isinstance(error, anthropic.APIResponseValidationError):
        return Failure(FailureKind.MALFORMED, "its answer is not what its interface promises")
    if not isinstance(error, anthropic.APIStatusError):
        return Failure(FailureKind.REJECTED, f"the request could not be made ({type(error).__name__})")
    body = error.body.get("error") if isinstance(error.body, Mapping) else None
    said = body.get("message") if isinstance(body, Mapping) else None
    word = body.get("type") if isinstance(body, Mapping) else None
    # An error inside a stream comes under the status of the stream, which says that all is well.
    status = error.status_code if error.status_code != httpx2.codes.OK else 0
    return failure(status, str(word or ""), str(said or error.message), dict(error.response.headers), endpoint.key)


def _format(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    if not closed(schema):
        return None
    try:
        return anthropic.transform_schema(dict(schema))
    except ValueError:
        return None


def _turns(messages: tuple[Message, ...]) -> list[dict[str, Any]]:
    """Return the conversation as Messages wants it: all answers to one turn's tool calls stand in one turn."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        blocks = _blocks(message)
        role = "assistant" if message.role == "assistant" else "user"
        if blocks and turns and turns[-1]["role"] == role:
            turns[-1]["content"].extend(blocks)
        elif blocks:
            turns.append({"role": role, "content": blocks})
    return turns


def _blocks(message: Message) -> list[dict[str, Any]]:
    if message.role == "tool":
        return [{"type": "tool_result", "tool_use_id": message.answers, "content": message.text}]
    said = [{"type": "text", "text": each} for each in message.parts or (message.text,) if each]
    return [*said, *map(_use, message.calls)]


def _use(call: ToolCall) -> dict[str, Any]:
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": dict(call.arguments or {})}


def _base(url: str) -> str:
    """Return the address without the version, which the SDK adds."""
    return (url or OWN).rstrip("/").removesuffix("/v1")


PROVIDER = Vendor("anthropic", Speaker)
