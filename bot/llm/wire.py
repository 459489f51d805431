"""What every adapter needs on the wire, whoever the vendor: counting what comes, reading tool calls, knowing the own machine."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from bot.llm.provider import Failure, FailureKind, ToolCall

LONGEST: Final = 10.0
"""Most timeouts that one answer may take in all, however much life it shows."""
CONNECT: Final = 15.0
"""Most seconds to reach an endpoint."""
_MOST_PARTS: Final = 500
"""Texts and tool calls of one answer."""
_NAME: Final = re.compile(r"[\w.:/@+~-]{1,200}", re.ASCII)
_MOST_DEPTH: Final = 30
"""Levels of a tool's arguments; each tool takes one or two."""
_CHARACTERS: Final = 16
"""A token and its dressing are hardly ever longer."""


@dataclass
class Heard:
    """How much of an answer came so far."""

    told: Callable[[int], None]
    most: int
    count: int = 0

    def more(self, text: str) -> None:
        """Count what came; raises Failure where it is far more than was asked for, so that nobody fills Pawl's memory."""
        if not text:
            return
        self.count += len(text)
        if self.count > self.most:
            raise Failure(FailureKind.MALFORMED, f"it went on past {self.most:,} characters, far more than it was asked for")
        self.told(self.count)

    def parts(self, count: int) -> None:
        """Hear in how many parts it comes; raises Failure where there are more than anybody can use."""
        if count > _MOST_PARTS:
            raise Failure(FailureKind.MALFORMED, f"it has more than {_MOST_PARTS} parts")


def heard_of(told: Callable[[int], None], most_output: int) -> Heard:
    """Return a count that allows whatever ``most_output`` tokens could be."""
    return Heard(told, 100_000 + _CHARACTERS * most_output)


def usable(names: Iterable[str]) -> list[str]:
    """Return the names of models that can be told: in ledgers, on pages and on terminals."""
    return [each for each in names if _NAME.fullmatch(each)]


def call_of(identity: str, name: str, raw: str) -> ToolCall:
    """Return a tool call with its arguments read, where they can be: what cannot be sent back as it came counts as unreadable."""
    identity, name, raw = map(_as_text, (identity, name, raw))
    try:
        arguments = json.loads(raw or "{}")
        json.dumps(arguments, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        arguments = None
    readable = isinstance(arguments, dict) and _depth_within(arguments, _MOST_DEPTH)
    return ToolCall(identity, name, arguments if readable else None, raw)


def _as_text(said: str) -> str:
    """Lone surrogates can be kept and sent nowhere."""
    return said.encode("utf-8", "replace").decode()


def _depth_within(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        parts = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)]
        if not parts:
            return True
        level = [each for part in parts for each in part]
    return False


def raw_of(call: ToolCall) -> str:
    """Return a tool call's arguments as the model wrote them."""
    return call.raw or json.dumps(dict(call.arguments or {}))


def is_loopback(url: str) -> bool:
    """Say whether an address is this machine: no proxy of the environment's may stand before it."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def in_words(schema: Mapping[str, Any]) -> str:
    """Return a schema as a wish, for who cannot be held to it; whether the answer fits is looked at anyhow."""
    return f"Answer with one JSON value and nothing else; it fits this JSON schema: {json.dumps(schema)}"


@contextmanager
def underneath(timeout: float) -> Iterator[None]:
    """Make failures of what breaks below a vendor's SDK: it lets that through where it reads the body of an error."""
    try:
        yield
    except httpx2.TimeoutException as error:
        raise silent(timeout) from error
    except httpx2.DecodingError as error:
        raise Failure(FailureKind.MALFORMED, "what it sends cannot be unpacked") from error
    except httpx2.RequestError as error:
        raise Failure(FailureKind.UNAVAILABLE, f"the connection broke ({type(error).__name__})") from error


def never_sent(cause: BaseException | None) -> bool:
    """Say whether a request that ran out of time did so before anybody was reached: then nobody answers, and nobody charges."""
    return isinstance(cause, httpx2.ConnectTimeout | httpx2.PoolTimeout)


def is_at(url: str, host: str) -> bool:
    """Say whether an address is a vendor's own host, or one beneath it; no address at all is."""
    found = urlsplit(url).hostname or ""
    return not url or found == host or found.endswith(f".{host}")


def too_slow(timeout: float) -> Failure:
    """Return what an answer without an end is."""
    return Failure(FailureKind.TIMEOUT, f"no whole answer within {timeout * LONGEST:.0f} seconds")


def silent(timeout: float) -> Failure:
    """Return what an answer without a sign of life is."""
    return Failure(FailureKind.TIMEOUT, f"no sign of life for {timeout:g} seconds")


def no_stream(kind: str) -> Failure:
    """Return what an answer of another content type than an event stream's is."""
    return Failure(FailureKind.MALFORMED, f"answered with {kind[:60] or 'no content type'} instead of an event stream")
