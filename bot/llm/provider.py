"""What a vendor's adapter must do: one request in, one completion or one failure out; it never retries, counts or chooses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Protocol

from bot.errors import Fault


@dataclass(frozen=True)
class ToolCall:
    """A model's wish to use a tool. ``arguments`` is None where what it wrote is no JSON object."""

    id: str
    name: str
    arguments: Mapping[str, Any] | None
    raw: str = ""
    """The arguments as the model wrote them."""


@dataclass(frozen=True)
class Message:
    """One turn of a conversation; a ``tool`` turn answers the tool call ``answers``."""

    role: Literal["user", "assistant", "tool"]
    text: str
    calls: tuple[ToolCall, ...] = ()
    answers: str = ""
    parts: tuple[str, ...] = ()
    """The text in the pieces that a vendor's cache may keep one by one; empty where it is one piece."""


@dataclass(frozen=True)
class Offer:
    """A tool as a model sees it."""

    name: str
    does: str
    takes: Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """All that is sent."""

    model: str
    system: str
    """What the duty is: the same in every run."""
    messages: tuple[Message, ...]
    rules: str = ""
    """What is said after it: the same for every question of a run."""
    schema: Mapping[str, Any] | None = None
    """JSON schema of the answer; None asks for plain text."""
    offers: tuple[Offer, ...] = ()
    most_output: int = 8_000
    """Tokens."""
    temperature: float | None = None


class Stop(StrEnum):
    """Why a model stopped."""

    END = "end"
    LENGTH = "length"
    """It ran into ``most_output``: what it said is cut."""
    TOOLS = "tools"
    DECLINED = "declined"
    """It refused, or the vendor's filter did."""


@dataclass(frozen=True)
class Completion:
    """What a model said, whole; a stream that was cut is a failure, never a completion."""

    text: str
    stop: Stop
    model: str
    """As the vendor names who really answered."""
    calls: tuple[ToolCall, ...] = ()
    input: int = 0
    """Tokens, cached ones included."""
    output: int = 0
    cached: int = 0


class FailureKind(StrEnum):
    """What went wrong between Pawl and a vendor."""

    TIMEOUT = "timeout"
    LIMITED = "rate limited"
    """429."""
    OVERLOADED = "overloaded"
    """503, 529 and the vendor's own word for it."""
    UNAVAILABLE = "unavailable"
    """Other 5xx, no connection."""
    CUT = "cut off"
    """The stream ended before the model did."""
    MALFORMED = "malformed"
    """What came is not what the vendor's interface promises."""
    DENIED = "denied"
    """401 and 403: the key is wrong or may not use the model."""
    REJECTED = "rejected"
    """Other 4xx: the request itself is not taken, by this model at least."""
    TOO_LONG = "too long"
    """More than the model can read at once."""


class Failure(Fault):
    """A request that brought no completion."""

    def __init__(self, kind: FailureKind, said: str, after: float | None = None, *, learned: bool = False) -> None:
        super().__init__(f"{kind}: {said}")
        self.kind = kind
        self.said = said
        """What the vendor said, one clipped line without credentials."""
        self.after = after
        """Seconds that the vendor asks to wait (``Retry-After``); None where it does not say."""
        self.learned = learned
        """Whether the adapter learned from it what to leave out: the same request goes out otherwise next time."""


class Provider(Protocol):
    """A vendor, connected. Its name is that of its endpoint: two endpoints of one vendor are two providers."""

    @property
    def name(self) -> str:
        """Return the endpoint's name."""
        ...

    async def complete(self, request: Request, heard: Callable[[int], None]) -> Completion:
        """Return what the model answers; ``heard`` is told how many characters came so far, while they come.

        Raises:
            Failure: anything that is no whole completion.
        """
        ...

    async def models(self) -> tuple[str, ...]:
        """Return what the endpoint offers, the one to take by default first; raises Failure."""
        ...

    async def close(self) -> None:
        """Let the connections go."""
        ...


@dataclass(frozen=True)
class Endpoint:
    """Where a vendor is reached."""

    name: str
    """``openai``, ``anthropic``, or the name the operator gave a compatible endpoint."""
    key: str
    base_url: str
    """Empty: the vendor's own."""
    timeout: float = 120.0
    """Seconds without a sign of life."""

    def __repr__(self) -> str:
        return f"Endpoint({self.name}, {self.base_url or 'its own address'})"


@dataclass(frozen=True)
class Vendor:
    """A vendor as its file registers it."""

    name: str
    connect: Callable[[Endpoint], Provider]
