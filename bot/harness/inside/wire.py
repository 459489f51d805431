"""Frames over a descriptor: four bytes of length, then JSON; the same on both sides of the sandbox's wall.

Between the warden and a worker each frame bears a mark as well, so that to find the descriptors is not enough to be believed.
What writes and reads is bound when this file is imported, before any project code: patching ``os`` or ``json`` changes no frame.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from typing import TYPE_CHECKING, Any

HEAD = 4
MARK = 16
MOST = 256 * 1024 * 1024
"""Largest frame that is believed, in bytes."""

_write, _read = os.write, os.read
_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]
_same = hmac.compare_digest

if TYPE_CHECKING:
    Message = dict[str, Any]


class Cut(Exception):
    """The other side is gone, or speaks nonsense."""


def _no_json(value: Any) -> Any:
    msg = f"{type(value).__name__} has no place in a frame"
    raise TypeError(msg)


_parts = json.encoder.c_make_encoder(None, _no_json, json.encoder.encode_basestring_ascii, None, ":", ",", False, False, True)  # type: ignore[attr-defined] # noqa: FBT003


class Seal:
    """Makes the mark of one side's frames; from the outside its key cannot be read back."""

    def __init__(self, key: bytes, side: bytes) -> None:
        self._start = hashlib.blake2b(key=key, digest_size=MARK, person=side)

    def mark(self, body: bytes) -> bytes:
        """Return the mark that belongs to a frame's body."""
        state = self._start.copy()
        state.update(body)
        return state.digest()


def send(descriptor: int, message: Message, seal: Seal | None = None) -> None:
    """Write one message, whole."""
    body = "".join(_parts(message, 0)).encode("ascii")
    if seal is not None:
        body = seal.mark(body) + body
    view = memoryview(len(body).to_bytes(HEAD, "big") + body)
    while view:
        view = view[_write(descriptor, view) :]


def receive(descriptor: int, seal: Seal | None = None) -> Message:
    """Wait for one message; raises Cut at the end of the stream."""
    size = int.from_bytes(_exactly(descriptor, HEAD), "big")
    if size > MOST:
        raise Cut("a frame is too large")
    return _decode(_exactly(descriptor, size), seal)


class Inbox:
    """Messages of a descriptor that is read whenever it has something."""

    def __init__(self, descriptor: int, seal: Seal | None = None) -> None:
        self.descriptor = descriptor
        self._seal = seal
        self._buffer = bytearray()
        self.ended = False

    def read(self) -> list[Message]:
        """Read what is there (blocks where nothing is) and return the messages that are complete."""
        try:
            data = _read(self.descriptor, 1 << 18)
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
        return _decode(body, self._seal)


def _decode(body: bytes, seal: Seal | None) -> Message:
    if seal is not None:
        mark, body = body[:MARK], body[MARK:]
        if not _same(mark, seal.mark(body)):
            raise Cut("a frame bears a wrong mark")
    try:
        text = body.decode("ascii")
        message, end = _scan(text, 0)
    except (ValueError, StopIteration) as error:
        raise Cut("a frame is no JSON") from error
    if end != len(text):
        raise Cut("a frame is no JSON")
    if not isinstance(message, dict):
        raise Cut("a frame is no object")
    return message


def _exactly(descriptor: int, size: int) -> bytes:
    parts = []
    while size:
        part = _read(descriptor, min(size, 1 << 20))
        if not part:
            raise Cut("the other side is gone")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
