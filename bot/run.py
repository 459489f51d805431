"""What a run is, and the one table that says how its state may change.

An instruction from any door becomes a :class:`Run`. A worker calls the stage of its state, and the stage's outcome moves
it along :data:`TRANSITIONS`. The diagram in the README is drawn from that table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.errors import Fatal
from bot.ids import InstallationId, NodeId, RepoName, RunId, Sha


class State(StrEnum):
    """Where a run stands."""

    RECEIVED = "received"
    ANSWERING = "answering"
    """A question about the code is being answered."""
    PLANNING = "planning"
    SPECIFYING = "specifying"
    CHANGING = "changing"
    CHECKING = "checking"
    PROPOSING = "proposing"
    AWAITING_APPROVAL = "awaiting_approval"
    MERGING = "merging"
    DEPLOYING = "deploying"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    ROLLED_BACK = "rolled_back"


_ENDS = frozenset({State.REFUSED, State.FAILED, State.CANCELLED, State.STOPPED})

TRANSITIONS = MappingProxyType(
    {
        State.RECEIVED: frozenset({State.PLANNING, State.CHANGING, State.CHECKING, State.ANSWERING}) | _ENDS,
        State.ANSWERING: frozenset({State.DONE}) | _ENDS,
        State.PLANNING: frozenset({State.SPECIFYING}) | _ENDS,
        State.SPECIFYING: frozenset({State.CHANGING}) | _ENDS,
        State.CHANGING: frozenset({State.CHECKING}) | _ENDS,
        State.CHECKING: frozenset({State.CHANGING, State.PROPOSING}) | _ENDS,
        State.PROPOSING: frozenset({State.AWAITING_APPROVAL, State.MERGING, State.DONE}) | _ENDS,
        State.AWAITING_APPROVAL: frozenset({State.CHECKING, State.MERGING, State.DONE}) | _ENDS,
        State.MERGING: frozenset({State.CHECKING, State.AWAITING_APPROVAL, State.DEPLOYING, State.DONE}) | _ENDS,
        State.DEPLOYING: frozenset({State.DONE, State.ROLLED_BACK}) | _ENDS,
        State.DONE: frozenset({State.ROLLED_BACK}),
        State.REFUSED: frozenset[State](),
        State.FAILED: frozenset[State](),
        State.CANCELLED: frozenset[State](),
        State.STOPPED: frozenset[State](),
        State.ROLLED_BACK: frozenset[State](),
    }
)

FINAL = frozenset(state for state, following in TRANSITIONS.items() if following <= {State.ROLLED_BACK})
"""States in which no worker has anything to do (``done`` may still be rolled back by a run of its own)."""

WAITING = frozenset({State.AWAITING_APPROVAL, State.MERGING})
"""States in which a run sleeps until a person or the forge does something; whoever hears of it wakes the run."""

WORKED = frozenset(TRANSITIONS) - FINAL - WAITING
"""States in which a worker has a stage to call without being woken."""


class Verb(StrEnum):
    """What an instruction asks for; each has recipes in ``plan/``."""

    FIX = "fix"
    ADD = "add"
    REFACTOR = "refactor"
    TEST = "test"
    DOCS = "docs"
    UPGRADE = "upgrade"


class Inquiry(StrEnum):
    """What a question about the code asks for; nothing is planned, specified or changed."""

    ASK = "ask"
    DEBUG = "debug"
    """Look for bugs, and show them where that can be."""
    EXPLAIN = "explain"


UNASKED: Final = "event"
"""The door of runs that nobody asked for in words: checks show what becomes of them, and no comment does."""

OPEN: Final = frozenset({Inquiry.ASK, Inquiry.EXPLAIN})
"""Questions that whoever may read the code may ask; on a public repository that is anybody."""


class EngineChoice(StrEnum):
    """Which engine the person asked for; ``auto`` takes the cheapest that can."""

    AUTO = "auto"
    SEARCH = "search"
    CODEMOD = "codemod"
    MODEL = "model"


@dataclass(frozen=True)
class Origin:
    """Where on GitHub an instruction was given."""

    installation: InstallationId
    repository: int
    """The repository's numeric id: names change hands."""
    number: int
    """The issue or pull request under which it was said."""
    requester: int
    """The numeric id of who said it."""
    comment: int | None = None
    """The comment it was said in; None for labels and buttons."""
    pull: bool = False
    """Whether ``number`` is a pull request."""


@dataclass(frozen=True)
class Reverted:
    """A run's change that was merged, and is to be taken back."""

    run: RunId
    base: Sha
    head: Sha
    """``base..head`` is what the run had proven."""


@dataclass(frozen=True)
class Instruction:
    """What somebody asked for. ``text`` is data from a stranger: never obeyed as anything but a wish about code."""

    verb: Verb
    text: str
    repo: RepoName
    base: Sha
    engine: EngineChoice = EngineChoice.AUTO
    tests: tuple[NodeId, ...] = ()
    """Failing tests that the person named."""
    answers: tuple[str, ...] = ()
    """Answers to distinguishing questions, as assertions: ``f([3, 1]) == 1``."""
    requester: str = "local"
    door: str = "cli"
    origin: Origin | None = None
    reverts: Reverted | None = None
    """A merged change that this run takes back: nothing is planned or specified, the change is made by undoing."""
    head: Sha | None = None
    """A change that is there already, to be judged: nothing is planned, specified or changed."""
    into: str = ""
    """The branch that the change is to be merged into; empty for the default one."""
    queued: Sha | None = None
    """The pull request's own head, where ``head`` is what a merge queue made of it."""
    plan_only: bool = False
    """Whether the run ends, cancelled, once its plan is there for a person to look at."""
    inquiry: Inquiry | None = None
    """A question about the code, at ``head`` where there is one: nothing is planned, specified or changed."""


@dataclass(frozen=True)
class Run:
    """One instruction on its way. Stage outputs live in the store beside it, keyed by run and stage."""

    id: RunId
    instruction: Instruction
    state: State
    round: int = 1
    """Which walk through *changing* this is; findings open the next one."""
    reason: str = ""
    """Why it stands where it stands, one sentence."""
    kind: str = ""
    """Name of the error that ended it, such as ``InputError``; empty where none did."""


def check_transition(old: State, new: State) -> None:
    """Raise :class:`~bot.errors.Fatal` where the table does not let a run go from ``old`` to ``new``."""
    if new not in TRANSITIONS[old]:
        msg = f"a run may not go from {old} to {new}"
        raise Fatal(msg)
