"""What is asked of a language model and what comes back, whoever answers; nothing here holds a key.

An engine or an author gets an :class:`Asker` and nothing else of the router: it can ask within the run's budget, and that is all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Protocol

from bot.errors import Refused


class Duty(StrEnum):
    """What a model is asked to be; each duty has its own ordered list of models."""

    PLANNER = "planner"
    SPEC_AUTHOR = "spec_author"
    CHANGE_AUTHOR = "change_author"
    CRITIC = "critic"
    READER = "reader"
    """Answers questions about the code."""


@dataclass(frozen=True)
class Passage:
    """One part of what a model is given. ``hostile`` text is cleaned and delimited before it is sent, and never obeyed."""

    label: str
    """What it is, in a word or two: ``instruction``, ``file shop/cart.py``."""
    text: str
    hostile: bool = True
    code: bool = False
    """Source, names or a tool's output: nothing is taken out of it silently, what cannot be seen is shown as an escape."""


@dataclass(frozen=True)
class Tool:
    """Something that a model may call while it answers: reading only, and only what its duty allows."""

    name: str
    does: str
    takes: Mapping[str, Any]
    """JSON schema of its arguments."""
    call: Callable[[Mapping[str, Any]], str]
    """Return what the model gets to see; what it raises as UserError is told to the model. Its answer is hostile text."""


@dataclass(frozen=True)
class Ask:
    """One question to a model."""

    duty: Duty
    system: str
    """Pawl's own words; never a stranger's."""
    passages: tuple[Passage, ...]
    schema: Mapping[str, Any] | None = None
    """JSON schema that the answer must fit; None asks for plain text."""
    tools: tuple[Tool, ...] = ()
    most_output: int = 8_000
    """Tokens."""
    temperature: float | None = None
    """None leaves it to the vendor; several candidates differ by it."""
    avoid: frozenset[str] = frozenset()
    """Authors that should answer only where nobody else can: tests and change are written by different ones where two exist."""


@dataclass(frozen=True)
class Usage:
    """What calls cost."""

    input: int = 0
    """Tokens sent, those read from the vendor's cache included."""
    output: int = 0
    cached: int = 0
    """Of ``input``: read from the vendor's prompt cache."""
    money: float | None = 0.0
    """US dollars; None where a price is not known."""
    calls: int = 0

    def __add__(self, other: Usage) -> Usage:
        money = None if self.money is None or other.money is None else self.money + other.money
        return Usage(
            self.input + other.input, self.output + other.output, self.cached + other.cached, money, self.calls + other.calls
        )


@dataclass(frozen=True)
class Answer:
    """What a model said; hostile text like any other."""

    text: str
    data: Any
    """The parsed answer where the question had a schema; it fits it."""
    author: str
    """Who said it, ``provider:model``."""
    usage: Usage = field(default_factory=Usage)


class Asker(Protocol):
    """Asks models on behalf of one run. Safe to call from any thread but the event loop's own."""

    def ask(self, question: Ask) -> Answer:
        """Return the first usable answer of the duty's models, in order.

        Raises:
            NoAnswer: none of them gave one; the sentence names each and why.
            OverBudget: the next call would go beyond what the run may spend.
        """
        ...

    def authors(self, duty: Duty) -> tuple[str, ...]:
        """Return who may answer for a duty, in order, as ``provider:model``; empty where nobody is configured."""
        ...


_SET: Final = "set OPENAI_API_KEY or ANTHROPIC_API_KEY, or PAWL_ENDPOINTS=name=URL for an endpoint of your own"
NOBODY: Final = f"no language model is configured, and a question about the code needs one: {_SET}"
"""What is said to a question where nobody can answer."""
NO_ENGINE: Final = f"no language model is configured, and the engine `model` needs one: {_SET}, or choose another engine"
"""What is said to an instruction that a model alone is to carry out, where there is none."""


class NoAnswer(Refused):
    """No model gave a usable answer."""


class OverBudget(Refused):
    """The next call to a model would go beyond a budget."""
