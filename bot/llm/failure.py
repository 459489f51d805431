"""What a vendor's error means: its status, its words and its headers become one :class:`Failure` (pure)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from bot.llm.provider import Failure, FailureKind
from bot.logs import STRUCK, strike_out

MOST_SAID: Final = 300
"""Characters of a vendor's words that are kept."""

_TOO_LONG: Final = re.compile(
    r"context[ _](?:length|window|size)|maximum context|prompt is too long|input is too long|too many (?:input )?tokens"
    r"|exceeds? the (?:model'?s? )?(?:maximum|max) (?:number of )?(?:input )?tokens|request_too_large|string_above_max_length",
    re.IGNORECASE,
)
_WORDS: Final = {
    "rate_limit_error": FailureKind.LIMITED,
    "rate_limit_exceeded": FailureKind.LIMITED,
    "overloaded_error": FailureKind.OVERLOADED,
    "server_is_overloaded": FailureKind.OVERLOADED,
    "slow_down": FailureKind.OVERLOADED,
    "timeout_error": FailureKind.TIMEOUT,
    "authentication_error": FailureKind.DENIED,
    "invalid_api_key": FailureKind.DENIED,
    "permission_error": FailureKind.DENIED,
    "billing_error": FailureKind.DENIED,
    "insufficient_quota": FailureKind.DENIED,
    "api_error": FailureKind.UNAVAILABLE,
    "server_error": FailureKind.UNAVAILABLE,
}
"""Vendors' own words, which tell more than a status: an account without money answers 429, and waiting does not help it."""
_STATUSES: Final = {
    401: FailureKind.DENIED,
    402: FailureKind.DENIED,
    403: FailureKind.DENIED,
    408: FailureKind.TIMEOUT,
    413: FailureKind.TOO_LONG,
    429: FailureKind.LIMITED,
    503: FailureKind.OVERLOADED,
    529: FailureKind.OVERLOADED,
}
_SERVER: Final = 500


def kind_of(status: int, word: str, said: str) -> FailureKind:
    """Return what went wrong; ``status`` 0 where the error came inside a stream, ``word`` is the vendor's type or code."""
    if status not in {401, 403, 429} and status < _SERVER and _TOO_LONG.search(f"{word} {said}"):
        return FailureKind.TOO_LONG
    if word in _WORDS and not (word in {"api_error", "server_error"} and status in _STATUSES):
        return _WORDS[word]
    if status in _STATUSES:
        return _STATUSES[status]
    return FailureKind.UNAVAILABLE if status >= _SERVER else FailureKind.REJECTED


def wait_of(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that the vendor asks to wait, never negative; None where it does not say so in a way one can read."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    said = headers.get("retry-after", "").strip()
    seconds = _number(said)
    return seconds if seconds is not None else _until(said, now)


def clipped(said: str, key: str) -> str:
    """Return a vendor's words as one short line without credentials, the key that was used first of all."""
    line = " ".join((said.replace(key, STRUCK) if key else said).split())
    line = strike_out(line)
    return line if len(line) <= MOST_SAID else f"{line[: MOST_SAID - 1]}…"


def failure(status: int, word: str, said: str, headers: Mapping[str, str], key: str) -> Failure:
    """Return the failure that an answer with this status, word, text and these headers (lower-case names) is."""
    prefix = f"HTTP {status}: " if status else ""
    return Failure(kind_of(status, word, said), prefix + (clipped(said, key) or word), wait_of(headers, datetime.now(UTC)))


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return max(found, 0.0) if math.isfinite(found) else None


def _until(text: str, now: datetime) -> float | None:
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max((when - now).total_seconds(), 0.0)
