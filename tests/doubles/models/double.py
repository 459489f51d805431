"""What tests hold: answers are scripted, faults are due, and what Pawl sent is there to be read."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.doubles.models.fault import Fault, unsupported
from tests.doubles.models.wire import Say, Seen

KEY = "sk-double-0123456789abcdef"
LISTS = {
    "openai": ("text-embedding-3-small", "gpt-4o", "gpt-5.5", "whisper-1"),
    "anthropic": ("claude-haiku-4-5", "claude-opus-5-5"),
}
"""Models by endpoint, in an order in which nobody should take the first; endpoints of other names have ``local-model``."""
SPOILT = Say("this is the beginning of an answer that nobody ever hears the end of, because it is spoilt on its way")

Answer = Say | Fault | str | dict[str, Any] | list[Any] | Callable[[Seen], "Answer"]
Who = str | Callable[[Seen], bool]


@dataclass
class _Script:
    fits: Callable[[Seen], bool]
    left: deque[Answer]
    forever: bool


@dataclass
class _Due:
    left: deque[Fault | None]
    forever: bool


@dataclass
class ModelDouble:
    """Both vendors, and as many compatible endpoints as a test likes; safe to use while Pawl talks to it."""

    aimock: str
    url: str = ""
    requests: list[Seen] = field(default_factory=list)
    """What Pawl sent, in order."""
    unanswered: list[str] = field(default_factory=list)
    """What no script had an answer for: the fixture fails the test that leaves something here."""
    key: str = KEY
    """The only key that is let in."""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._scripts: list[_Script] = []
        self._due: dict[str, _Due] = {}
        self._lists = dict(LISTS)
        self._lacking: dict[str, tuple[str, ...]] = {}

    @property
    def openai_url(self) -> str:
        return self.endpoint("openai")

    @property
    def anthropic_url(self) -> str:
        return f"{self.url}/anthropic"

    def endpoint(self, name: str) -> str:
        """Return the address of an endpoint that speaks OpenAI's language, under any name."""
        return f"{self.url}/{name}/v1"

    def environment(self, *vendors: str) -> dict[str, str]:
        """Return the variables that let Pawl reach ``openai``, ``anthropic`` or (without a name) both."""
        both = {
            "openai": {"OPENAI_BASE_URL": self.openai_url, "OPENAI_API_KEY": self.key},
            "anthropic": {"ANTHROPIC_BASE_URL": self.anthropic_url, "ANTHROPIC_API_KEY": self.key},
        }
        return {name: value for vendor in vendors or tuple(both) for name, value in both[vendor].items()}

    def script(self, who: Who, *answers: Answer, forever: bool = False) -> None:
        """Answer a duty (as its prompt names it), or whatever a function of the request picks, in this order.

        Text is said as it is, data as JSON, a :class:`Say` with calls, stops and tokens, a :class:`Fault` instead of an answer;
        a function of the request gives any of these. With ``forever`` the last answer is given again and again.
        """
        fits = who if callable(who) else (lambda seen: seen.duty == who)
        with self._lock:
            self._scripts.append(_Script(fits, deque(answers), forever))

    def faults(self, *faults: Fault | None, endpoint: str = "", forever: bool = False) -> None:
        """Spoil the next answers, of one endpoint or of all, before any script is looked at; None lets one through."""
        with self._lock:
            self._due[endpoint] = _Due(deque(faults), forever)

    def lacks(self, endpoint: str, *parameters: str) -> None:
        """Reject whatever request of an endpoint holds one of these parameters, naming it."""
        self._lacking[endpoint] = parameters

    def offers(self, endpoint: str, *models: str) -> None:
        """Say which models an endpoint lists."""
        self._lists[endpoint] = models

    def listed(self, endpoint: str) -> Sequence[str]:
        """Return which models an endpoint lists."""
        return self._lists.get(endpoint, ("local-model",))

    def asked(self, duty: str) -> list[Seen]:
        """Return what was sent for a duty, in order."""
        return [each for each in self.requests if each.duty == duty]

    @property
    def sent(self) -> str:
        """All that ever left Pawl, as one text to search in."""
        return "\n".join(each.text for each in self.requests)

    def reset(self) -> None:
        """Forget everything."""
        request = urllib.request.Request(f"{self.aimock}/__aimock/fixtures", method="DELETE")  # noqa: S310 - our own process
        urllib.request.urlopen(request).close()  # noqa: S310 - as above
        with self._lock:
            self.requests.clear()
            self.unanswered.clear()
            self._scripts.clear()
            self._due.clear()
            self._lists = dict(LISTS)
            self._lacking.clear()

    def take(self, seen: Seen) -> tuple[Say, Fault | None]:
        """Return what to answer a request with, and what spoils it."""
        with self._lock:
            self.requests.append(seen)
            fault = self._rejection(seen) or self._next_fault(seen)
            if fault is not None and fault.kind != "late":
                return SPOILT, fault
            answer = self._next_answer(seen)
        while callable(answer):
            answer = answer(seen)
        if isinstance(answer, Fault):
            return SPOILT, answer
        said = answer if isinstance(answer, Say) else Say(answer if isinstance(answer, str) else json.dumps(answer))
        return said, fault

    def _rejection(self, seen: Seen) -> Fault | None:
        lacking = (each for each in self._lacking.get(seen.endpoint, ()) if each in seen.body)
        return next((unsupported(each) for each in lacking), None)

    def _next_fault(self, seen: Seen) -> Fault | None:
        for due in (self._due.get(seen.endpoint), self._due.get("")):
            if due and due.left:
                return due.left[0] if due.forever and len(due.left) == 1 else due.left.popleft()
        return None

    def _next_answer(self, seen: Seen) -> Answer:
        for script in self._scripts:
            if script.left and script.fits(seen):
                return script.left[0] if script.forever and len(script.left) == 1 else script.left.popleft()
        self.unanswered.append(f"{seen.endpoint} was asked for {seen.duty or 'no duty'}: {seen.system[:200]}")
        return Fault("status", 400, "invalid_request_error", f"the double has no answer left for {seen.duty or 'no duty'}")
