"""What can go wrong between Pawl and a vendor, as data; each is named as a test would say it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "status", "gone", "cut", "ends", "silent", "late", "garbage", "no stream", "empty", "flood", "error event", "half an error"
]


@dataclass(frozen=True)
class Fault:
    """One spoiled answer."""

    kind: Kind
    status: int = 200
    word: str = ""
    """The vendor's type or code."""
    said: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    spoilt: str = '{"type": "mess'
    """What stands in an event that is no JSON."""
    events: int = 2
    """How many events of the true answer come first."""
    seconds: float = 0.0
    stalls: bool = False
    """Whether it stays open and says no more, instead of breaking."""


def limited(after: str | None = None, header: str = "retry-after") -> Fault:
    """Return a 429, with or without the wait it asks for."""
    return Fault("status", 429, "rate_limit_error", "you are too fast", {} if after is None else {header: after})


def failing(status: int = 500, said: str = "something broke", word: str = "api_error") -> Fault:
    """Return any other status."""
    return Fault("status", status, word, said)


def overloaded(status: int = 529) -> Fault:
    """Return Anthropic's 529, or OpenAI's 503."""
    return Fault("status", status, "overloaded_error", "overloaded")


def half_an_error(status: int = 500, *, stalls: bool = False) -> Fault:
    """Return an error whose body breaks in the middle, or stalls there."""
    return Fault("half an error", status, stalls=stalls)


def too_long() -> Fault:
    """Return the 400 of a request that is longer than the model reads."""
    return Fault("status", 400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum context length")


def unsupported(parameter: str) -> Fault:
    """Return the 400 of a parameter that the model or the server does not know."""
    said = f"Unsupported parameter: '{parameter}' is not supported with this model."
    return Fault("status", 400, "invalid_request_error", said)


def gone() -> Fault:
    """Return a connection that is closed without an answer."""
    return Fault("gone")


def cut(events: int = 2) -> Fault:
    """Return a stream whose connection breaks after some events."""
    return Fault("cut", events=events)


def ends(events: int = 2) -> Fault:
    """Return a stream that ends in good order, but before the model did."""
    return Fault("ends", events=events)


def silent(events: int = 2) -> Fault:
    """Return a stream that goes quiet after some events (0: before the first byte) and stays open."""
    return Fault("silent", events=events)


def late(seconds: float) -> Fault:
    """Return a true answer that begins late."""
    return Fault("late", seconds=seconds)


def garbage(events: int = 1) -> Fault:
    """Return a stream with an event that is no JSON."""
    return Fault("garbage", events=events)


def nested() -> Fault:
    """Return a stream with an event that is nested far too deep."""
    return Fault("garbage", spoilt="[" * 100_000, events=1)


def no_stream() -> Fault:
    """Return a page for people instead of a stream."""
    return Fault("no stream")


def empty() -> Fault:
    """Return a stream without a byte."""
    return Fault("empty")


def flood() -> Fault:
    """Return a stream that says far more than it was asked for."""
    return Fault("flood")


def error_event(word: str = "overloaded_error", said: str = "overloaded") -> Fault:
    """Return a stream in which the vendor reports an error after it began."""
    return Fault("error event", word=word, said=said)
