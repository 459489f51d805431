"""A hundred failures on the wires of both vendors: each question is answered all the same, or it ends with the reasons."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal

import pytest

from bot.llm.asking import Answer, Ask, Duty, NoAnswer, Passage, Usage
from bot.llm.budget import Budget
from bot.llm.journal import UNDER_WAY, Call, Switch
from bot.llm.patience import Patience
from bot.llm.router import Fate, Router
from bot.seats import seats_of
from bot.settings import Settings
from tests.doubles.models import fault
from tests.doubles.models.double import Answer as Scripted
from tests.doubles.models.double import ModelDouble
from tests.doubles.models.fault import Fault
from tests.doubles.models.wire import Say, Seen

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"steps": {"type": "array", "items": {"type": "string"}}},
    "required": ["steps"],
    "additionalProperties": False,
}
QUESTION = Ask(Duty.PLANNER, "Your duty: planner\nPlan.", (Passage("instruction", "mend the cart"),), SCHEMA, most_output=50)
GOOD = {"steps": ["mend it"]}
TROUBLE: Mapping[str, Scripted] = {
    "silent from the start": fault.silent(0),
    "silent in the middle": fault.silent(2),
    "429": fault.limited(),
    "429 that asks for a little": fault.limited("2"),
    "429 that asks for too much": fault.limited("600"),
    "500": fault.failing(500),
    "503": fault.overloaded(503),
    "529": fault.overloaded(529),
    "overloaded in the middle": fault.error_event(),
    "cut at once": fault.cut(1),
    "cut in the middle": fault.cut(4),
    "ended at once": fault.ends(1),
    "ended in the middle": fault.ends(4),
    "empty": fault.empty(),
    "garbage": fault.garbage(),
    "nested": fault.nested(),
    "a page for people": fault.no_stream(),
    "a flood": fault.flood(),
    "gone": fault.gone(),
    "too long": fault.too_long(),
    "no such model": fault.failing(404, "no such model", "not_found_error"),
    "no JSON": "Sure! Here is your plan: {",
    "no text": Say(""),
    "refused": Say("I will not do that", stop="refusal"),
    "cut by length": Say('{"steps": ["me', stop="length"),
}
How = Literal["the first, for good", "the first, once", "both, for good", "both, once"]
CASES = list(itertools.product(TROUBLE, ("the first, for good", "the first, once", "both, for good", "both, once")))
VENDORS = ("anthropic", "openai")
AUTHORS = {"anthropic": "anthropic:claude-opus-5-5", "openai": "openai:gpt-5.5"}


@dataclass
class Notebook:
    """A journal in memory."""

    calls: list[Call] = field(default_factory=list)
    switches: list[Switch] = field(default_factory=list)

    async def spent(self) -> Usage:
        return sum((replace(each.usage, money=each.usage.money or 0.0) for each in self.calls), Usage())

    async def begun(self, call: Call) -> int:
        assert call.outcome == UNDER_WAY
        return len(self.calls) + 1

    async def called(self, number: int, call: Call) -> None:
        assert number == len(self.calls) + 1
        self.calls.append(call)

    async def switched(self, switch: Switch) -> None:
        self.switches.append(switch)


def arrange(models: ModelDouble, first: str, trouble: Scripted, how: How) -> None:
    for vendor in VENDORS:
        spoilt = vendor == first or how.startswith("both")
        answers = [trouble] if spoilt and how.endswith("good") else [trouble, GOOD] if spoilt else [GOOD]
        models.script(partial(_at, vendor), *answers, forever=True)


def _at(vendor: str, seen: Seen) -> bool:
    return seen.endpoint == vendor


async def asked(models: ModelDouble, first: str, trouble: Scripted, journal: Notebook) -> Answer | NoAnswer:
    mute = isinstance(trouble, Fault) and trouble.kind == "silent"
    order = " ".join(AUTHORS[each] for each in (first, *(each for each in VENDORS if each != first)))
    variables: dict[str, Any] = models.environment() | {"PAWL_MODELS": order, "PAWL_MODEL_TIMEOUT": 0.7 if mute else 30}
    seats = await seats_of(Settings(**variables))
    fate = Fate(sleep=lambda _: asyncio.sleep(0), chance=lambda: 0.5)
    try:
        return await Router(seats.by_duty, Budget(), journal, patience=Patience(tries=2), fate=fate).ask(QUESTION)
    except NoAnswer as error:
        return error
    finally:
        await seats.close()


def test_there_are_a_hundred() -> None:
    assert len(CASES) == 100


@pytest.mark.parametrize(("name", "how"), CASES)
async def test_a_question_is_answered_or_ends_with_the_reasons(models: ModelDouble, name: str, how: How) -> None:
    first, second = VENDORS if CASES.index((name, how)) % 2 else VENDORS[::-1]
    arrange(models, first, TROUBLE[name], how)
    journal = Notebook()
    end = await asked(models, first, TROUBLE[name], journal)
    assert len(journal.calls) == len(models.requests), "every request is written down"
    assert len(journal.calls) <= 4, "two tries at each of two models"
    if isinstance(end, NoAnswer):
        assert how.startswith("both")
        assert all(f"{author}: " in str(end) for author in AUTHORS.values()), "the sentence names each and why"
        assert models.key not in str(end)
    else:
        assert end.data == GOOD
        assert how != "both, for good"
        assert how != "the first, for good" or end.author == AUTHORS[second]
    switched = [(each.left, each.taken) for each in journal.switches]
    assert switched == [(AUTHORS[first], AUTHORS[second])] * any(each.provider == second for each in journal.calls)
