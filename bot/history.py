"""What the stages of a run made: one frozen dataclass a stage, and all of them together as the run's history."""

from __future__ import annotations

from dataclasses import dataclass

from bot.change.change import Change, Edits
from bot.change.risk import Risk
from bot.engine import Attempt, Question
from bot.gate import GateResult
from bot.ids import PullNumber, Sha
from bot.plan.plan import Plan
from bot.policy.decision import Decision
from bot.spec.spec import Spec


@dataclass(frozen=True)
class Changed:
    """Output of *changing*: the head commit and how it came about, or no head and a question or a reason."""

    engine: str
    head: Sha | None
    edits: Edits | None
    attempts: tuple[Attempt, ...] = ()
    question: Question | None = None
    alternatives: tuple[Edits, ...] = ()
    author: str = ""
    """The model that wrote the change, ``provider:model``; empty where none did."""


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
    pull: PullNumber | None = None


Output = Plan | Spec | Changed | Checked | Sealed


@dataclass(frozen=True)
class History:
    """What the run's earlier stages made, the newest of each kind; ``rounds`` has every earlier (Changed, Checked) pair."""

    plan: Plan | None = None
    spec: Spec | None = None
    changed: Changed | None = None
    checked: Checked | None = None
    sealed: Sealed | None = None
    rounds: tuple[tuple[Changed, Checked | None], ...] = ()
