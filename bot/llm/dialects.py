"""The two dialects of OpenAI's language, Chat Completions and Responses, as they stream a completion: event by event, to a whole.

Chat Completions is what most servers speak that others than OpenAI run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, Field

from bot.llm.failure import failure
from bot.llm.provider import Completion, Failure, FailureKind, Stop, ToolCall
from bot.llm.wire import Heard, call_of


class _Details(BaseModel):
    cached_tokens: int | None = None


class _Usage(BaseModel):
    """Both languages' words for the same."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _Details | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    input_tokens_details: _Details | None = None

    def counts(self) -> dict[str, int]:
        details = self.prompt_tokens_details or self.input_tokens_details
        return {
            "input": self.prompt_tokens or self.input_tokens,
            "output": self.completion_tokens or self.output_tokens,
            "cached": (details and details.cached_tokens) or 0,
        }


class _Function(BaseModel):
    name: str | None = None
    arguments: str | None = None


class _Part(BaseModel):
    index: int = 0
    id: str | None = None
    function: _Function = Field(default_factory=_Function)


class _Delta(BaseModel):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[_Part] | None = None


class _Choice(BaseModel):
    delta: _Delta = Field(default_factory=_Delta)
    finish_reason: str | None = None


class _Chunk(BaseModel):
    model: str | None = None
    choices: list[_Choice] | None = None
    usage: _Usage | None = None


@dataclass
class Chat:
    """A completion as Chat Completions streams it: it is whole once a chunk says why it finished."""

    heard: Heard
    key: str
    text: list[str] = field(default_factory=list)
    declined: bool = False
    calls: dict[int, list[str]] = field(default_factory=dict)
    """By index: id, name, arguments."""
    finish: str = ""
    model: str = ""
    usage: _Usage = field(default_factory=_Usage)

    def add(self, event: object) -> None:
        chunk = _Chunk.model_validate(event)
        self.model = chunk.model or self.model
        self.usage = chunk.usage or self.usage
        for choice in chunk.choices or ():
            delta = choice.delta
            self.heard.more(delta.content or "")
            self.text.append(delta.content or "")
            self.declined = self.declined or bool(delta.refusal)
            for part in delta.tool_calls or ():
                self._add_call(part)
            self.finish = choice.finish_reason or self.finish

    def completion(self) -> Completion:
        """Return the whole; raises Failure where the stream ended before the model did."""
        if not self.finish:
            raise Failure(FailureKind.CUT, "its stream ended before it said why it finished")
        if self.finish == "error":
            raise Failure(FailureKind.UNAVAILABLE, "it finished with an error that it does not explain")
        stops = {"length": Stop.LENGTH, "content_filter": Stop.DECLINED}
        stop = Stop.DECLINED if self.declined else stops.get(self.finish, Stop.TOOLS if self.calls else Stop.END)
        calls = tuple(call_of(*self.calls[index]) for index in sorted(self.calls))
        return Completion("".join(self.text), stop, self.model, calls, **self.usage.counts())

    def _add_call(self, part: _Part) -> None:
        call = self.calls.setdefault(part.index, ["", "", ""])
        self.heard.parts(len(self.calls))
        self.heard.more(part.function.arguments or "")
        call[0] = call[0] or part.id or f"call_{part.index}"
        call[1] = call[1] or part.function.name or ""
        call[2] += part.function.arguments or ""


class _Content(BaseModel):
    type: str = ""
    text: str | None = None


class _Item(BaseModel):
    type: str = ""
    content: list[_Content] | None = None
    call_id: str = ""
    name: str = ""
    arguments: str = ""


class _Why(BaseModel):
    reason: str | None = None
    code: str | None = None
    message: str | None = None


class _Response(BaseModel):
    status: str | None = None
    model: str = ""
    output: list[_Item] = Field(default_factory=list)
    usage: _Usage | None = None
    incomplete_details: _Why | None = None
    error: _Why | None = None


class _Event(BaseModel):
    type: str = ""
    delta: Any = None
    response: _Response | None = None
    code: str | None = None
    message: str | None = None


@dataclass
class Responses:
    """A completion as Responses streams it: its last event holds the whole."""

    heard: Heard
    key: str
    whole: _Response | None = None

    def add(self, sent: object) -> None:
        event = _Event.model_validate(sent)
        if event.type.endswith(".delta") and isinstance(event.delta, str):
            self.heard.more(event.delta)
        elif event.type == "error":
            raise failure(0, event.code or "", event.message or "", {}, self.key)
        elif event.type in {"response.completed", "response.incomplete", "response.failed"}:
            self.whole = event.response

    def completion(self) -> Completion:
        """Return the whole; raises Failure where the stream ended before the model did, or where the model failed."""
        if self.whole is None:
            raise Failure(FailureKind.CUT, "its stream ended before its last event")
        if self.whole.status == "failed":
            why = self.whole.error or _Why()
            raise failure(0, why.code or "", why.message or "it failed without a reason", {}, self.key)
        parts = [each for item in self.whole.output if item.type == "message" for each in item.content or ()]
        text = "".join(each.text or "" for each in parts if each.type == "output_text")
        calls = tuple(
            call_of(each.call_id, each.name, each.arguments) for each in self.whole.output if each.type == "function_call"
        )
        counts = (self.whole.usage or _Usage()).counts()
        return Completion(text, _stop(self.whole, parts, calls), self.whole.model, calls, **counts)


def _stop(whole: _Response, parts: list[_Content], calls: tuple[ToolCall, ...]) -> Stop:
    why = whole.incomplete_details
    if any(each.type == "refusal" for each in parts) or (why and why.reason == "content_filter"):
        return Stop.DECLINED
    if whole.status == "incomplete":
        return Stop.LENGTH
    return Stop.TOOLS if calls else Stop.END
