"""Call a project's functions on given inputs, in the sandbox, and say what they did in a form that can be compared.

Every variant starts from a fresh fork of a process that has the modules imported; a call that ends its process has its answer
too, and the calls after it go on in another one.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Self

from bot.harness.harness import Call, Observation, ObservedKind
from bot.harness.patch import Patch
from bot.harness.session import Session

CALL_SECONDS = 0.5
"""CPU time one call may use."""
CALL_MEMORY = 512
"""MiB one process of calls may map besides what its modules need."""


class Observer:
    """A set of calls, made on one variant after the other in one session; a context manager that ends their process."""

    def __init__(self, session: Session, calls: Sequence[Call], *, call_seconds: float = CALL_SECONDS) -> None:
        self._session = session
        self._request = {"calls": [asdict(each) for each in calls], "call_seconds": call_seconds, "memory": CALL_MEMORY}
        self._key = secrets.token_hex(8)
        self._known = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._known and not self._session.closed:
            with self._session.turn:
                self._session.say({"k": "forget", "key": self._key})

    def observe(self, patches: Sequence[Patch]) -> tuple[Observation, ...]:
        """Return what each call does under these patches, in the calls' order."""
        if not self._request["calls"]:
            return ()
        with self._session.turn:
            if not self._known:
                self._session.say({"k": "calls", "key": self._key, **self._request})
                self._known = True
            answer = self._session.ask({"k": "observe", "key": self._key, "patches": [each.plain() for each in patches]})
        return tuple(_observation(each) for each in answer["found"])


def _observation(found: Mapping[str, Any]) -> Observation:
    return Observation(
        kind=ObservedKind(found["kind"]),
        value=str(found.get("value", "")),
        type=str(found.get("type", "")),
        arguments_after=str(found.get("after", "")),
        printed=str(found.get("printed", "")),
        seconds=float(found.get("seconds", 0.0)),
    )
