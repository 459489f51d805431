"""What a stage is: it takes a run and the tools, and says where the run goes next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from bot.change.change import Change, Edits
from bot.change.risk import Risk
from bot.config import Config
from bot.engine import Attempt, Engine, Question
from bot.forge import Forge
from bot.gate import Gate, GateResult
from bot.ids import Sha
from bot.lab import Lab
from bot.plan.plan import Plan
from bot.policy.decision import Decision
from bot.run import Run, State
from bot.runner import Runner
from bot.spec.spec import Spec

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Changed:
    """Output of *changing*: the head commit and how it came about, or no head and a question or a reason."""

    engine: str
    head: Sha | None
    edits: Edits | None
    attempts: tuple[Attempt, ...] = ()
    question: Question | None = None
    alternatives: tuple[Edits, ...] = ()


@dataclass(frozen=True)
class Checked:
    """Output of *checking*."""

    change: Change
    gates: tuple[GateResult, ...]
    risk: Risk
    decision: Decision


@dataclass(frozen=True)
class Sealed:
    """Output of *proposing*: where the evidence lies and where the proposal is. ``None`` branch: nothing was proposed."""

    bundle: str
    digest: str
    branch: str | None


Output = Plan | Spec | Changed | Checked | Sealed


@dataclass(frozen=True)
class Outcome:
    """Where the run goes next, what the stage made, and why, in one sentence."""

    next: State
    reason: str
    output: Output | None = None


@dataclass(frozen=True)
class History:
    """What the run's earlier stages made, the newest of each kind; ``rounds`` has every earlier (Changed, Checked) pair."""

    plan: Plan | None = None
    spec: Spec | None = None
    changed: Changed | None = None
    checked: Checked | None = None
    sealed: Sealed | None = None
    rounds: tuple[tuple[Changed, Checked | None], ...] = ()


class Progress(Protocol):
    """Hears how long work goes on: a step's name, and how far it is (0 to 1) where that is known."""

    def __call__(self, step: str, fraction: float | None = None) -> None: ...


@dataclass(frozen=True)
class Tools:
    """Everything a stage may use."""

    forge: Forge
    runner: Runner
    config: Config
    history: History
    lay_out: Callable[[Sha], Awaitable[Path]]
    """Return a read-only directory with that commit's files; laid out once."""
    lab: Callable[[Sha], Awaitable[Lab]]
    """Return the run's lab, its environment prepared from the manifests of that commit."""
    engines: dict[str, Engine]
    gates: dict[str, Gate]
    out: Path
    """Where the evidence bundle goes."""
    progress: Progress
    seed: int = 0
    notes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """A stage as its file registers it."""

    name: str
    state: State
    """The state in which a worker calls it."""
    run: Callable[[Run, Tools], Awaitable[Outcome]]
