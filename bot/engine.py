"""What an engine is: somebody who writes the change. It sees files, a sandbox and the shown part of the spec; no key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.change.change import Edits
from bot.ids import NodeId
from bot.llm.asking import Asker
from bot.spec.spec import Spec

if TYPE_CHECKING:
    from pathlib import Path

    from bot.gate import Finding
    from bot.lab import Lab
    from bot.run import Instruction


@dataclass(frozen=True)
class Workbench:
    """All an engine may use."""

    root: Path
    """The spec commit's files, to read; the engine answers with edits and writes nothing here."""
    lab: Lab
    instruction: Instruction
    spec: Spec
    """Without the held-out tests."""
    tests: tuple[NodeId, ...]
    """Ids of the shown tests, witnesses first."""
    capability: str
    inputs: Mapping[str, Any]
    """The plan step's inputs."""
    findings: tuple[Finding, ...] = ()
    """What the gates said of the last attempt."""
    rejected: tuple[Edits, ...] = ()
    """Earlier proposals of this run that were refused."""
    may_edit: Callable[[str], bool] = lambda _path: True
    seconds: float = 60.0
    seed: int = 0
    asker: Asker | None = None
    """None where no language model is configured."""
    candidates: int = 1
    """Changes that may be asked of language models, to choose among those that hold."""
    progress: Callable[[str, float | None], None] = lambda _message, _fraction: None


@dataclass(frozen=True)
class Attempt:
    """One thing an engine tried, for the evidence."""

    what: str
    worked: bool
    why: str = ""


@dataclass(frozen=True)
class Reading:
    """One of several ways to understand the instruction: a change, and what the call gives under it."""

    label: str
    """``A``, ``B``…"""
    edits: Edits
    gives: str
    """Canonical text of the value, or of the exception."""


@dataclass(frozen=True)
class Question:
    """Several different changes satisfy the spec: an input on which they differ, to put to a person."""

    call: str
    """As Python source: ``f([3, 1])``."""
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class Work:
    """What came of an engine's work: edits, or a question, or neither with the reason."""

    edits: Edits | None = None
    """Without a single file in it: the step's wish is fulfilled already."""
    question: Question | None = None
    abstained: str = ""
    attempts: tuple[Attempt, ...] = ()
    alternatives: tuple[Edits, ...] = ()
    """Other plausible changes that behaved the same on all generated inputs."""
    counts: Mapping[str, int] = field(default_factory=dict)
    author: str = ""
    """The model that wrote the edits, ``provider:model``; empty where none did."""


@dataclass(frozen=True)
class Engine:
    """An engine as its file registers it."""

    name: str
    does: str
    cost: int
    """Rank for ``auto``: cheapest first."""
    can: Callable[[Workbench], str]
    """Return '' where it can take the step, else the reason why not."""
    work: Callable[[Workbench], Work]
