"""What the stages of a run made: one frozen dataclass a stage, and all of them together as the run's history."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.change.change import Change, Edits
from bot.change.risk import Risk
from bot.engine import Attempt, Question
from bot.gate import GateResult
from bot.ids import PullNumber, Sha
from bot.llm.asking import Usage
from bot.llm.citation import Citation, Dropped
from bot.plan.plan import Plan
from bot.policy.decision import Decision
from bot.run import EngineChoice
from bot.spec.showing import Shown
from bot.spec.spec import Spec

_MOST_QUOTED = 20
_NO_CALLS = str.maketrans("()", "[]")


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

    @property
    def passed_over(self) -> tuple[str, ...]:
        """Engines that could not do a step before the one that made the change, each with the reason."""
        engines = {each.value for each in EngineChoice}
        said = (f"{each.what}: {each.why}" for each in self.attempts if each.what in engines and not each.worked)
        return tuple(dict.fromkeys(said))


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


@dataclass(frozen=True)
class Paragraph:
    """A piece of an answer, in a model's words; without a citation it is not backed by the code."""

    text: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True)
class Suspect:
    """A suspected bug, in a model's words, at a place that was checked to be there."""

    id: str
    """``bug:ab12cd34``; the same bug at the same place has the same."""
    citation: Citation
    what: str
    call: str
    """What shows it, as source; empty where nothing was named."""
    expected: str
    """What the call should give, by the model's word: a value's source, or ``raises ValueError``."""
    shown: Shown = Shown.NOT_RUN
    saw: str = ""
    """What the call did when it was run, one line."""

    @property
    def wish(self) -> str:
        """The words of an instruction to mend it; what was shown to be so comes as an example, and nothing else can be one.

        Nothing that the model tells otherwise can be read as a call with its result: it was never run.
        """
        at = self.citation
        told = " ".join(self.what.split()).translate(_NO_CALLS)
        quoted = "\n".join(f"    {line}" for line in at.quote.split("\n")[:_MOST_QUOTED])
        text = f"fix: {told}\n\nIt is in `{at.path}`, line {at.first}:\n\n{quoted}\n"
        if self.shown is not Shown.SHOWN:
            return text
        error = self.expected.removeprefix("raises ")
        should = f"raise `{error}`" if error != self.expected else f"return `{self.expected}`"
        return f"{text}\n`{self.call}` should {should}.\n"


@dataclass(frozen=True)
class Answered:
    """Output of *answering*: what a model said of the code, each citation held to the files."""

    paragraphs: tuple[Paragraph, ...]
    suspects: tuple[Suspect, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    """Citations that did not hold; they are not among the others."""
    author: str = ""
    """``provider:model``."""
    usage: Usage = field(default_factory=Usage)


Output = Plan | Spec | Changed | Checked | Sealed | Answered


@dataclass(frozen=True)
class History:
    """What the run's earlier stages made, the newest of each kind; ``rounds`` has every earlier (Changed, Checked) pair."""

    plan: Plan | None = None
    spec: Spec | None = None
    changed: Changed | None = None
    checked: Checked | None = None
    sealed: Sealed | None = None
    answered: Answered | None = None
    rounds: tuple[tuple[Changed, Checked | None], ...] = ()
