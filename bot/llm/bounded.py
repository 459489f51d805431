"""An HTTP client that reads no more than it can hold: whatever an endpoint sends, Pawl's memory and time are bounded.

What is counted is bytes as they come, so compressed answers are not asked for; where one comes all the same, much less of it is
read, for it may grow a thousandfold.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from bot.llm.provider import Failure, FailureKind

MOST: Final = 64 * 1024 * 1024
"""Bytes of one answer, a stream's dressing included: a kilobyte around each token fits."""
MOST_PACKED: Final = MOST // 256
MOST_EVENT: Final = 4 * 1024 * 1024
"""Bytes of one event of a stream."""
MOST_LINES: Final = 200
"""Lines of one event: the vendors' readers join them in quadratic time, and nothing else happens meanwhile."""
_BLANK: Final = (b"\n\n", b"\r\r", b"\n\r")
"""How a blank line, which ends an event, shows among the bytes."""
HEADERS: Final = {"accept-encoding": "identity"}


async def bound(response: Any) -> None:
    """Limit what is read of a response; a client's hook for responses."""
    packed = response.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}
    events = "event-stream" in response.headers.get("content-type", "")
    response.stream = _Bounded(response.stream, MOST_PACKED if packed else MOST, _Event() if events and not packed else None)


HOOKS: Final = {"response": [bound]}


@dataclass
class _Event:
    """How much came since the last event ended."""

    size: int = 0
    lines: int = 0
    last: bytes = b""

    def grows(self, chunk: bytes) -> bool:
        """Count a piece; say whether the event is still one that anybody would send."""
        seen = self.last + chunk
        end = max(map(seen.rfind, _BLANK))
        new = seen[end + 2 :] if end >= 0 else chunk
        self.size, self.lines = (0, 0) if end >= 0 else (self.size, self.lines)
        self.size += len(new)
        self.lines += new.count(b"\n") + new.count(b"\r")
        self.last = chunk[-1:]
        return self.size <= MOST_EVENT and self.lines <= MOST_LINES


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: Any, most: int, event: _Event | None) -> None:
        self._stream = stream
        self._most = most
        self._event = event

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for chunk in self._stream:
            read += len(chunk)
            if read > self._most or not (self._event is None or self._event.grows(chunk)):
                raise Failure(FailureKind.MALFORMED, "it sends more than any answer holds")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
