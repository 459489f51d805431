"""The spec author: asked for tests that say what "done" means. It sees the wish and the interface, never a body, never a change.

What it answers is data from a stranger: vetted statically here, weighed by the oracle like any other candidate afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.llm.asking import Answer, Ask, Asker, Duty, NoAnswer, OverBudget, Passage
from bot.prompts.prompt import prompt
from bot.spec.draft import Draft, Unusable
from bot.spec.foreign import Contribution, Setting, Written, draft_written
from bot.spec.spec import SpecTest

MOST_OUTPUT: Final = 8_000
"""Tokens: twelve tests of the longest kind fit."""
_TEXT: Final = {"type": "string"}
_TEST: Final[Mapping[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "imports", "source", "quote"],
    "properties": {
        "name": {**_TEXT, "description": "The function's name."},
        "imports": {"type": "array", "items": _TEXT, "description": "Import statements, one a string."},
        "source": {**_TEXT, "description": "One pytest function, without imports."},
        "quote": {**_TEXT, "description": "The words of the instruction that it rests on, letter for letter."},
    },
}
SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["tests"],
    "properties": {"tests": {"type": "array", "items": _TEST, "description": "At most 12."}},
}


@dataclass(frozen=True)
class Brief:
    """All that the author is told."""

    setting: Setting
    """With the instruction's text, and what tests are held against."""
    goal: str
    """The plan's."""
    interface: str
    """Signatures and docstrings of the modules that matter."""
    conventions: str = ""
    """How the project writes code and tests, in sentences."""
    before: tuple[Draft, ...] = ()
    """What the words of the wish hold themselves: nothing may contradict it."""
    told: tuple[SpecTest, ...] = ()
    """What came of the tests it wrote before."""


def candidates(asker: Asker, brief: Brief) -> Contribution:
    """Return the author's tests, those that may be tried and those that may not; none with the reason where nobody answers."""
    try:
        answer = asker.ask(question(brief))
    except (NoAnswer, OverBudget) as error:
        return Contribution(why_not=str(error))
    found = draft_written(brief.setting, _written(answer), brief.before)
    if not found:
        return Contribution(
            author=answer.author, why_not=f"{answer.author} found nothing in the instruction that a test could show"
        )
    drafts = tuple(each for each in found if isinstance(each, Draft))
    return Contribution(drafts, tuple(each for each in found if isinstance(each, Unusable)), answer.author)


def _written(answer: Answer) -> Sequence[Written]:
    return [Written(each["name"], tuple(each["imports"]), each["source"], each["quote"]) for each in answer.data["tests"]]


def question(brief: Brief) -> Ask:
    """Return what the author is asked."""
    return Ask(Duty.SPEC_AUTHOR, prompt("spec"), tuple(_passages(brief)), SCHEMA, most_output=MOST_OUTPUT)


def _passages(brief: Brief) -> Iterator[Passage]:
    own = ", ".join(sorted(brief.setting.fixtures)) or "none"
    new = "may be imported from where the wish wants it" if brief.setting.may_be_missing else "may not be used"
    yield Passage("task", f"What does not exist yet {new}.", hostile=False)
    yield Passage("fixtures of the project", own, code=True)
    if brief.conventions:
        yield Passage("conventions", brief.conventions, code=True)
    yield Passage("interface", brief.interface, code=True)
    examples = "\n\n".join(each.candidate.source for each in brief.before)
    if examples:
        yield Passage("tests read from the wish itself", examples, code=True)
    yield Passage("goal of the plan", brief.goal)
    yield Passage("instruction", brief.setting.text)
    if brief.told:
        yield Passage("what came of your tests", "\n".join(map(_outcome, brief.told)), code=True)


def _outcome(test: SpecTest) -> str:
    return f"- {test.id.rpartition('::')[2]}: {'kept' if test.kept else 'thrown away'}: {test.reason}"
