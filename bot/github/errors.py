"""How GitHub says no, as errors of Pawl's own tree.

::

    InputError
    └── NotFound        404, 410: there is no such thing, or the App may not see it
    Refused
    ├── Forbidden       401, 403, 451: the App's key, installation or permission does not do
    └── Unprocessable   every other 4xx, and what GraphQL answers under ``errors``
    Retryable
    └── LimitReached    GitHub's limits leave no room for longer than a call may wait
"""

from __future__ import annotations

from typing import Final

from bot.errors import InputError, Refused, Retryable

MOST_SAID: Final = 300
"""Longest part of GitHub's own words that goes into a message."""


class NotFound(InputError):
    """GitHub has no such thing, or does not show it to the App."""

    def __init__(self, message: str, status: int = 404, said: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.said = said


class Forbidden(Refused):
    """GitHub does not let the App do this."""

    def __init__(self, message: str, status: int = 403, said: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.said = said


class Unprocessable(Refused):
    """GitHub understood, and will not do it as things stand; ``kind`` is GraphQL's error type."""

    def __init__(self, message: str, status: int = 422, said: str = "", kind: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.said = said
        self.kind = kind


class LimitReached(Retryable):
    """GitHub's limits are used up; ``after`` is how long until there is room again."""

    def __init__(self, message: str, after: float) -> None:
        super().__init__(message)
        self.after = after


def refusal(status: int, said: str, what: str) -> NotFound | Forbidden | Unprocessable:
    """Return the error for a 4xx answer to ``what``, such as ``GET /repos/o/r``."""
    short = one_line(said)
    quoted = f" ({short})" if short else ""
    if status in {404, 410}:
        return NotFound(f"GitHub has nothing for {what}{quoted}: it is gone, or the App is not installed there", status, said)
    if status == 401:  # noqa: PLR2004 - HTTP's own number
        return Forbidden(
            f"GitHub does not know the App's key or token for {what}{quoted}: check PAWL_APP_ID and the key", 401, said
        )
    if status in {403, 451}:
        hint = "look at the App's permissions and its installation"
        return Forbidden(f"GitHub does not let the App do {what}{quoted}: {hint}", status, said)
    return Unprocessable(f"GitHub refused {what}{quoted}: look at its state on GitHub and try again", status, said)


def one_line(said: str) -> str:
    """Return GitHub's words as one short printable line."""
    line = " ".join("".join(each if each.isprintable() else " " for each in said).split())
    return line if len(line) <= MOST_SAID else line[: MOST_SAID - 1] + "…"
