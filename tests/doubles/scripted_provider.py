"""A provider inside the test's process: it says what it is told to, call by call, and keeps what it was asked."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bot.llm.provider import Completion, Failure, FailureKind, Request, Stop

Turn = Completion | Failure | Callable[[Request], "Completion | Failure"]


def says(text: str, stop: Stop = Stop.END, *, input: int = 100, output: int = 10, cached: int = 0) -> Completion:  # noqa: A002
    return Completion(text, stop, "as-the-vendor-names-it", (), input, output, cached)


def fails(kind: FailureKind, after: float | None = None) -> Failure:
    return Failure(kind, f"the vendor said {kind.name}", after)


@dataclass
class ScriptedProvider:
    """Gives its turns in order; with none left, ``otherwise``, or it is used up and the test is wrong."""

    name: str = "one"
    turns: Iterable[Turn] = ()
    otherwise: Turn | None = None
    requests: list[Request] = field(default_factory=list)
    heard_before: int = 0
    """Characters that come before each turn."""
    closed: bool = False

    def __post_init__(self) -> None:
        self._left = deque(self.turns)

    async def complete(self, request: Request, heard: Callable[[int], None]) -> Completion:
        self.requests.append(request)
        await asyncio.sleep(0)
        if self.heard_before:
            heard(self.heard_before)
        turn = self._left.popleft() if self._left else self.otherwise
        assert turn is not None, f"{self.name} was asked once more than its script says"
        said = turn(request) if callable(turn) else turn
        if isinstance(said, Failure):
            raise said
        heard(len(said.text))
        return said

    async def models(self) -> tuple[str, ...]:
        return ("m",)

    async def close(self) -> None:
        self.closed = True
