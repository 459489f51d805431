"""Both vendors' wire, as far as aimock leaves something to say: reading requests, spoiling and completing events (pure)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Wire = Literal["chat", "responses", "messages"]
WIRES: Mapping[str, Wire] = {"/v1/chat/completions": "chat", "/v1/responses": "responses", "/v1/messages": "messages"}


@dataclass(frozen=True)
class Say:
    """A scripted answer with all that can be said about it."""

    text: str = ""
    calls: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    """Tools to use: name and arguments."""
    stop: Literal["", "length", "refusal"] = ""
    input: int | None = None
    """Tokens; None counts the request."""
    output: int | None = None
    cached: int = 0
    raw_calls: bool = False
    """Spoil the calls' arguments so that they are no JSON."""


@dataclass(frozen=True)
class Seen:
    """A request as it left Pawl."""

    endpoint: str
    """Whom Pawl thought it asked: ``openai``, ``anthropic``, or what a test called it."""
    path: str
    key: str
    headers: Mapping[str, str] = field(repr=False)
    body: Mapping[str, Any]

    @property
    def wire(self) -> Wire:
        return WIRES[self.path]

    @property
    def model(self) -> str:
        return str(self.body.get("model", ""))

    @property
    def system(self) -> str:
        """Pawl's own words."""
        said = self.body.get("instructions") or self.body.get("system") or ""
        for each in self.body.get("messages", ()) if self.wire == "chat" else ():
            if each["role"] == "system":
                return str(each["content"])
        return said if isinstance(said, str) else "".join(str(each["text"]) for each in said)

    @property
    def first(self) -> str:
        """The first turn after Pawl's own words."""
        turns = self.body["input"] if self.wire == "responses" else self.body["messages"]
        said = next(each["content"] for each in turns if each["role"] == "user")
        return said if isinstance(said, str) else "\n\n".join(str(each["text"]) for each in said)

    @property
    def duty(self) -> str:
        """The duty that a prompt's first line names."""
        first = self.system.lstrip().partition("\n")[0]
        return first.removeprefix("Your duty:").strip() if first.startswith("Your duty:") else ""

    @property
    def text(self) -> str:
        """All that was sent, as one text to search in."""
        return json.dumps(self.body, ensure_ascii=False)

    @property
    def schema(self) -> Mapping[str, Any] | None:
        """The schema that the answer has to fit, where the vendor was told one."""
        told = {
            "chat": self.body.get("response_format", {}).get("json_schema", {}),
            "responses": self.body.get("text", {}).get("format", {}),
            "messages": self.body.get("output_config", {}).get("format", {}),
        }
        found: Mapping[str, Any] | None = told[self.wire].get("schema")
        return found


def fixture(say: Say, seen: Seen, context: str) -> dict[str, Any]:
    """Return the answer as aimock takes it, for the one request that carries ``context``."""
    sent = len(seen.text) // 4 if say.input is None else say.input
    given = (len(say.text) + len(json.dumps(say.calls)) // 2) // 4 + 1 if say.output is None else say.output
    sent_afresh = sent - say.cached if seen.wire == "messages" else sent
    usage = {"prompt_tokens": sent, "completion_tokens": given, "input_tokens": sent_afresh, "output_tokens": given}
    response: dict[str, Any] = {"usage": usage}
    if say.text or not say.calls:
        response["content"] = say.text
    if say.calls:
        response["toolCalls"] = [{"name": name, "arguments": dict(arguments)} for name, arguments in say.calls]
    if say.stop == "length" or (say.stop == "refusal" and seen.wire == "messages"):
        response["finishReason"] = say.stop
    return {"match": {"context": context}, "response": response}


def completed(say: Say, wire: Wire) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what puts into an event what aimock has no words for: cached tokens, OpenAI's refusals, broken arguments."""
    if wire == "messages":
        return lambda event: _message(event, say)
    return lambda event: _chat(event, say) if wire == "chat" else _response(event, say)


def error_body(wire: Wire, word: str, said: str) -> dict[str, Any]:
    """Return an error as the vendor words it."""
    if wire == "messages":
        return {"type": "error", "error": {"type": word, "message": said}, "request_id": "req_double"}
    return {"error": {"message": said, "type": word, "param": None, "code": word}}


def error_event(wire: Wire, word: str, said: str) -> bytes:
    """Return an error as the vendor reports it inside a stream."""
    if wire == "responses":
        return sse("error", {"type": "error", "code": word, "message": said, "param": None, "sequence_number": 9})
    return sse("error" if wire == "messages" else "", error_body(wire, word, said))


def flooding(wire: Wire) -> bytes:
    """Return one more event of an answer that does not end."""
    more = "more and more " * 2_000
    if wire == "messages":
        delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": more}}
        return sse("content_block_delta", delta)
    if wire == "responses":
        return sse("response.output_text.delta", {"type": "response.output_text.delta", "delta": more})
    return sse("", {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": more}}]})


def sse(name: str, data: Mapping[str, Any]) -> bytes:
    """Return a server-sent event."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


def changed(event: bytes, change: Callable[[dict[str, Any]], dict[str, Any]]) -> bytes:
    """Return a server-sent event with its data changed, under the name that its data then have."""
    name, _, data = event.decode().strip().rpartition("data: ")
    if not data.startswith("{"):
        return event
    new = change(json.loads(data))
    return sse(str(new["type"]) if name else "", new)


def _message(event: dict[str, Any], say: Say) -> dict[str, Any]:
    if event["type"] == "message_start":
        event["message"]["usage"] |= {"cache_read_input_tokens": say.cached, "cache_creation_input_tokens": 0}
    if say.raw_calls and event.get("delta", {}).get("type") == "input_json_delta":
        event["delta"]["partial_json"] = "{not json"
    return event


def _chat(event: dict[str, Any], say: Say) -> dict[str, Any]:
    if event.get("usage"):
        event["usage"]["prompt_tokens_details"] = {"cached_tokens": say.cached}
    for choice in event.get("choices", ()):
        delta = choice.get("delta", {})
        if say.stop == "refusal" and delta.get("content"):
            delta["refusal"] = delta.pop("content")
        for call in delta.get("tool_calls", ()) if say.raw_calls else ():
            if call["function"].get("arguments"):
                call["function"]["arguments"] = "{not json"
    return event


def _response(event: dict[str, Any], say: Say) -> dict[str, Any]:
    whole = event.get("response", {})
    if whole.get("usage"):
        whole["usage"]["input_tokens_details"] = {"cached_tokens": say.cached}
    if whole.get("status") == "incomplete":
        event["type"] = "response.incomplete"
        whole["incomplete_details"] = {"reason": "max_output_tokens"}
    for item in whole.get("output", ()):
        if say.raw_calls and "arguments" in item:
            item["arguments"] = "{not json"
        if say.stop == "refusal" and item["type"] == "message":
            item["content"] = [{"type": "refusal", "refusal": say.text}]
    return event
