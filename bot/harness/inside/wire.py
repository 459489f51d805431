"""Frames over a descriptor: four bytes of length, then JSON; the same on both sides of the sandbox's wall."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

HEAD = 4
MOST = 256 * 1024 * 1024
"""Largest frame that is believed, in bytes."""

if TYPE_CHECKING:
    Message = dict[str, Any]


class Cut(Exception):
    """The other side is gone, or speaks nonsense."""


def send(descriptor: int, message: Message) -> None:
    """Write one message, whole."""
    body = json.dumps(message, separators=(",", ":")).encode("ascii")
    view = memoryview(len(body).to_bytes(HEAD, "big") + body)
    while view:
        view = view[os.write(descriptor, view) :]


def receive(descriptor: int) -> Message:
    """Wait for one message; raises Cut at the end of the stream."""
    size = int.from_bytes(_exactly(descriptor, HEAD), "big")
    if size > MOST:
        raise Cut("a frame is too large")
    return _decode(_exactly(descriptor, size))


class Inbox:
    """Messages of a descriptor that is read whenever it has something."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._buffer = bytearray()
        self.ended = False

    def read(self) -> list[Message]:
        """Read what is there (blocks where nothing is) and return the messages that are complete."""
        try:
            data = os.read(self.descriptor, 1 << 18)
        except BlockingIOError:
            return []
        if not data:
            self.ended = True
        self._buffer += data
        found: list[Message] = []
        while True:
            message = self._cut()
            if message is None:
                return found
            found.append(message)

    def _cut(self) -> Message | None:
        if len(self._buffer) < HEAD:
            return None
        size = int.from_bytes(self._buffer[:HEAD], "big")
        if size > MOST:
            raise Cut("a frame is too large")
        if len(self._buffer) < HEAD + size:
            return None
        body = bytes(self._buffer[HEAD : HEAD + size])
        del self._buffer[: HEAD + size]
        return _decode(body)


def _decode(body: bytes) -> Message:
    try:
        message = json.loads(body)
    except ValueError as error:
        raise Cut("a frame is no JSON") from error
    if not isinstance(message, dict):
        raise Cut("a frame is no object")
    return message


def _exactly(descriptor: int, size: int) -> bytes:
    parts = []
    while size:
        part = os.read(descriptor, min(size, 1 << 20))
        if not part:
            raise Cut("the other side is gone")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
