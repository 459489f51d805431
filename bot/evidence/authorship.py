"""Who wrote a run's tests and its change, and who tried to refute it: from what the run and the store know, nobody's word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.history import History
from bot.llm.asking import Duty
from bot.llm.spending import Spending, answered
from bot.spec.spec import Source


@dataclass(frozen=True)
class Authorship:
    """The models that had a part in it, ``provider:model``; empty where none did."""

    tests: str = ""
    change: str = ""
    critics: tuple[str, ...] = ()

    @property
    def alone(self) -> tuple[str, ...]:
        """The model that wrote the change, where it also wrote tests of it or was asked to refute it; else nobody."""
        return (self.change,) if self.change and self.change in {self.tests, *self.critics} else ()


def authorship(history: History, spending: Sequence[Spending]) -> Authorship:
    """Return who wrote what."""
    spec, changed = history.spec, history.changed
    return Authorship(spec.author if spec else "", changed.author if changed else "", answered(spending, Duty.CRITIC))


def parts(history: History, spending: Sequence[Spending]) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return, for people: the part, how it came about, and the models that had a hand in it."""
    spec, changed = history.spec, history.changed
    known = authorship(history, spending)
    by_model = sum(each.kept and each.origin is Source.MODEL for each in spec.tests) if spec else 0
    kept = sum(each.kept for each in spec.tests) if spec else 0
    read = "read from the instruction, the docstrings and the project's own suite"
    tests = "none were written" if spec is None else f"{by_model} of {kept} by a model" if known.tests else read
    change = "it was there already" if changed is None else f"engine {changed.engine}"
    tried = "every counter-example was run" if known.critics else "no model was asked, or none answered"
    return (
        ("wrote the tests", tests, (known.tests,) if known.tests else ()),
        ("wrote the change", change, (known.change,) if known.change else ()),
        ("tried to refute it", tried, known.critics),
    )
