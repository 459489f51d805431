"""What both vendors' tests ask alike."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from bot.llm.provider import Completion, Failure, FailureKind, Message, Offer, Provider, Request
from tests.doubles.models import fault

SCHEMA = {
    "type": "object",
    "properties": {"steps": {"type": "array", "items": {"type": "string"}}, "note": {"type": "string", "maxLength": 90}},
    "required": ["steps", "note"],
    "additionalProperties": False,
}
"""One that a vendor can promise."""
FREE = {"type": "object", "properties": {"renamed": {"type": "object", "additionalProperties": {"type": "string"}}}}
"""One that none can."""
READ = Offer("read_file", "Return a file's text.", {"type": "object", "properties": {"path": {"type": "string"}}})
FAULTS = [
    (fault.limited(), FailureKind.LIMITED, None),
    (fault.limited("7"), FailureKind.LIMITED, 7.0),
    (fault.limited("1500", "retry-after-ms"), FailureKind.LIMITED, 1.5),
    (fault.limited("Wed, 21 Oct 2015 07:28:00 GMT"), FailureKind.LIMITED, 0.0),
    (fault.limited("soon"), FailureKind.LIMITED, None),
    (fault.failing(500), FailureKind.UNAVAILABLE, None),
    (fault.failing(502), FailureKind.UNAVAILABLE, None),
    (fault.overloaded(503), FailureKind.OVERLOADED, None),
    (fault.overloaded(529), FailureKind.OVERLOADED, None),
    (fault.failing(401, "no", "authentication_error"), FailureKind.DENIED, None),
    (fault.failing(403, "no", "permission_error"), FailureKind.DENIED, None),
    (fault.failing(429, "no money left", "insufficient_quota"), FailureKind.DENIED, None),
    (fault.failing(400, "no such parameter", "invalid_request_error"), FailureKind.REJECTED, None),
    (fault.failing(404, "no such model", "not_found_error"), FailureKind.REJECTED, None),
    (fault.failing(302, "elsewhere", "moved"), FailureKind.REJECTED, None),
    (fault.failing(408, "slow", "timeout"), FailureKind.TIMEOUT, None),
    (fault.failing(413, "big", "request_too_large"), FailureKind.TOO_LONG, None),
    (fault.too_long(), FailureKind.TOO_LONG, None),
    (fault.gone(), FailureKind.UNAVAILABLE, None),
    (fault.half_an_error(500), FailureKind.UNAVAILABLE, None),
    (fault.half_an_error(429), FailureKind.UNAVAILABLE, None),
    (fault.half_an_error(529, stalls=True), FailureKind.TIMEOUT, None),
    (fault.cut(1), FailureKind.CUT, None),
    (fault.cut(4), FailureKind.CUT, None),
    (fault.ends(1), FailureKind.CUT, None),
    (fault.ends(4), FailureKind.CUT, None),
    (fault.empty(), FailureKind.CUT, None),
    (fault.garbage(), FailureKind.MALFORMED, None),
    (fault.nested(), FailureKind.MALFORMED, None),
    (fault.no_stream(), FailureKind.MALFORMED, None),
    (fault.flood(), FailureKind.MALFORMED, None),
    (fault.silent(0), FailureKind.TIMEOUT, None),
    (fault.silent(3), FailureKind.TIMEOUT, None),
    (fault.error_event(), FailureKind.OVERLOADED, None),
    (fault.error_event("rate_limit_exceeded", "slower"), FailureKind.LIMITED, None),
]
WORDS = (
    *("type", "delta", "choices", "content", "tool_calls", "function", "index", "finish_reason", "usage", "response", "output"),
    *("message", "content_block", "partial_json", "stop_reason", "text", "status", "error", "code", "input_tokens", "model"),
)
NAMES = [f"{each.kind} {each.status} {each.word} {each.events} {next(iter(each.headers.values()), '')}" for each, _, _ in FAULTS]

EVENTS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=4), st.sampled_from(["stop", "message_stop", "error"])),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)),
    max_leaves=12,
)
"""What a stream could bring: any JSON, of the words that mean something."""


def ask(text: str = "what now?", **more: Any) -> Request:
    """Return a request with one question."""
    return Request(
        **{"model": "some-model", "system": "Your duty: reader\nBe brief.", "messages": (Message("user", text),), **more}
    )


def patience(due: fault.Fault) -> float:
    """Return the seconds to wait for a sign of life: few only where none will come."""
    return 0.3 if due.kind == "silent" or due.stalls else 30.0


async def say(provider: Provider, request: Request) -> tuple[Completion, list[int]]:
    """Return the completion and what was heard on its way."""
    heard: list[int] = []
    return await provider.complete(request, heard.append), heard


async def fail(provider: Provider, request: Request) -> Failure:
    """Return the failure that the request ends in."""
    try:
        said = await provider.complete(request, lambda _: None)
    except Failure as failure:
        return failure
    raise AssertionError(f"it did not fail: {said}")
