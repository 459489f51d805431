"""What a stage is: it takes a run and the tools, and says where the run goes next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from bot.config import Config
from bot.engine import Engine
from bot.evidence.record import Record
from bot.evidence.statement import Seal
from bot.forge import Forge
from bot.gate import Gate, GateResult
from bot.history import Changed, Checked, History, Output, Sealed
from bot.ids import RunId, Sha
from bot.lab import Lab
from bot.llm.asking import Asker
from bot.policy.standing import Standing
from bot.run import Run, State
from bot.runner import Runner

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Ballot", "Changed", "Checked", "History", "Look", "Outcome", "Output", "Progress", "Sealed", "Stage", "Tools"]


@dataclass(frozen=True)
class Outcome:
    """Where the run goes next, what the stage made, and why, in one sentence. The same state again: it goes on waiting."""

    next: State
    reason: str
    output: Output | None = None


class Progress(Protocol):
    """Hears how long work goes on: a step's name, and how far it is (0 to 1) where that is known."""

    def __call__(self, step: str, fraction: float | None = None) -> None: ...


class Board(Protocol):
    """Shows people how a change is being judged while it goes on: check runs on GitHub, nothing on a laptop."""

    async def opened(self, run: Run, head: Sha, gates: tuple[Gate, ...]) -> None:
        """Hear that these gates are about to judge ``head``."""
        ...

    def answered(self, result: GateResult) -> None:
        """Hear one gate's answer."""
        ...

    async def judged(self, run: Run, checked: Checked) -> None:
        """Hear what all gates and the policies say."""
        ...

    async def ruled(self, run: Run, checked: Checked, missing: tuple[str, ...]) -> None:
        """Hear what a judged change lacks before it may be merged; nothing lets it in."""
        ...

    async def abandoned(self, run: Run, head: Sha, why: str) -> None:
        """Hear that the verdict on ``head`` is watched over no more, so that it may let nothing in."""
        ...


class BlankBoard:
    """A board that nobody looks at."""

    async def opened(self, run: Run, head: Sha, gates: tuple[Gate, ...]) -> None:
        """Show nothing."""

    def answered(self, result: GateResult) -> None:
        """Show nothing."""

    async def judged(self, run: Run, checked: Checked) -> None:
        """Show nothing."""

    async def ruled(self, run: Run, checked: Checked, missing: tuple[str, ...]) -> None:
        """Show nothing."""

    async def abandoned(self, run: Run, head: Sha, why: str) -> None:
        """Show nothing."""


@dataclass(frozen=True)
class Look:
    """How a run's proposal stands, and by whose rules it is judged: those of the branch it would be merged into, now."""

    standing: Standing
    config: Config
    own_policies: Mapping[str, str]
    gates: tuple[str, ...]
    """The gates that the configuration demands."""
    successor: RunId | None = None
    """The newer run that judges the same pull request, where this one only judges it, too."""


class Ballot(Protocol):
    """What approving and merging need of the forge and of people: everything is read anew at each call."""

    async def look(self, run: Run, history: History) -> Look:
        """Return how the run's proposal stands.

        Raises:
            UserError: it cannot be seen, and a person must mend something.
            Retryable: the forge does not answer.
        """
        ...

    async def arm(self, run: Run, standing: Standing) -> str:
        """Let the forge merge exactly ``standing.head`` as soon as its rules are met, or merge it where they are; say which.

        Raises:
            Refused: the forge does not do it, with the setting to change.
        """
        ...

    async def disarm(self, run: Run, standing: Standing, why: str) -> None:
        """Take that back; nothing happens where it is not armed."""
        ...

    async def vetoed(self, run: Run, standing: Standing, by: str) -> None:
        """Hear that somebody vetoed the proposal; heard twice, it counts once."""
        ...

    async def merged(self, run: Run, standing: Standing) -> None:
        """Hear that the proposal is merged; heard twice, it counts once."""
        ...


@dataclass(frozen=True)
class Tools:
    """Everything a stage may use."""

    forge: Forge
    runner: Runner
    config: Config
    """On GitHub that of the branch that the change is for, as it is now; on a laptop that of the base commit."""
    history: History
    lay_out: Callable[[Sha], Awaitable[Path]]
    """Return a read-only directory with that commit's files; laid out once."""
    lab: Callable[[Sha], Awaitable[Lab]]
    """Return the run's lab, its environment prepared from the manifests of that commit."""
    engines: dict[str, Engine]
    gates: dict[str, Gate]
    record: Callable[[], Awaitable[Record]]
    """Return what is known of the run, ready to be laid down as evidence."""
    out: Path
    """Where the evidence bundle goes."""
    seal: Seal
    progress: Progress
    board: Board = field(default_factory=BlankBoard)
    seed: int = 0
    asker: Asker | None = None
    """Asks language models within the run's budget; None where none is configured."""
    ballot: Ballot | None = None
    """None on a laptop, where nobody else approves and nothing is merged."""
    own_policies: Mapping[str, str] | None = None
    """The repository's own policies, path -> Rego text, from where the configuration is; None: those of the base commit."""


@dataclass(frozen=True)
class Stage:
    """A stage as its file registers it."""

    name: str
    state: State
    """The state in which a worker calls it."""
    run: Callable[[Run, Tools], Awaitable[Outcome]]
