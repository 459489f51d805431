"""A hundred failures on the wires of both vendors: each question is answered all the same, or it ends with the reasons.

Each kind of failure is shown on whole runs too, with the journal that runs have.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest

from bot.llm.asking import Answer, Ask, Duty, NoAnswer, Passage, Usage
from bot.llm.breaker import Mode, Rules
from bot.llm.budget import Budget
from bot.llm.health import Watch
from bot.llm.journal import UNDER_WAY, Call, Switch
from bot.llm.patience import Patience
from bot.llm.router import Fate, Router
from bot.seats import seats_of
from bot.settings import Settings
from bot.store.store import open_store
from tests.doubles.models import fault
from tests.doubles.models.double import Answer as Scripted
from tests.doubles.models.double import ModelDouble
from tests.doubles.models.fault import Fault
from tests.doubles.models.wire import Say, Seen
from tests.stories.conftest import Pawl, Said

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"steps": {"type": "array", "items": {"type": "string"}}},
    "required": ["steps"],
    "additionalProperties": False,
}
QUESTION = Ask(Duty.PLANNER, "Your duty: planner\nPlan.", (Passage("instruction", "mend the cart"),), SCHEMA, most_output=50)
GOOD = {"steps": ["mend it"]}


@dataclass(frozen=True)
class Trouble:
    """What one seat answers instead of an answer, and how long it is borne."""

    answer: Scripted
    again: bool = True
    """Whether the same seat is asked a second time."""
    pause: float | None = 0.5
    """Seconds before that: half of the first pause, or what the vendor asks for; None where nothing is waited for."""


TROUBLE: Mapping[str, Trouble] = {
    "silent from the start": Trouble(fault.silent(0)),
    "silent in the middle": Trouble(fault.silent(2)),
    "429": Trouble(fault.limited()),
    "429 that asks for a little": Trouble(fault.limited("2"), pause=2.0),
    "429 that asks for too much": Trouble(fault.limited("600"), again=False),
    "500": Trouble(fault.failing(500)),
    "503": Trouble(fault.overloaded(503)),
    "529": Trouble(fault.overloaded(529)),
    "half a 400": Trouble(fault.half_an_error(400)),
    "a 500 that stalls": Trouble(fault.half_an_error(500, stalls=True)),
    "overloaded in the middle": Trouble(fault.error_event()),
    "cut at once": Trouble(fault.cut(1)),
    "cut in the middle": Trouble(fault.cut(4)),
    "ended at once": Trouble(fault.ends(1)),
    "ended in the middle": Trouble(fault.ends(4)),
    "empty": Trouble(fault.empty()),
    "garbage": Trouble(fault.garbage()),
    "nested": Trouble(fault.nested()),
    "a page for people": Trouble(fault.no_stream()),
    "gone": Trouble(fault.gone()),
    "a flood": Trouble(fault.flood(), again=False),
    "too long": Trouble(fault.too_long(), again=False),
    "no such model": Trouble(fault.failing(404, "no such model", "not_found_error"), again=False),
    "no JSON": Trouble("Sure! Here is your plan: {", pause=None),
    "no text": Trouble(Say(" "), again=False),
    "refused": Trouble(Say("I will not do that", stop="refusal"), again=False),
    "cut by length": Trouble(Say('{"steps": ["me', stop="length"), pause=None),
}
How = Literal["the first, for good", "the first, once", "both, for good", "both, once"]
HOWS: tuple[How, ...] = ("the first, for good", "the first, once", "both, for good", "both, once")
CASES = list(itertools.product(TROUBLE, HOWS))
VENDORS = ("anthropic", "openai")
AUTHORS = {"anthropic": "anthropic:claude-opus-5-5", "openai": "openai:gpt-5.5"}


@dataclass(frozen=True)
class End:
    """How a question must end."""

    author: int | None
    """Which seat answers; None: nobody."""
    calls: tuple[int, int]
    """Requests to the first seat and to the second."""
    pauses: int
    """How often a seat is waited for."""


def end_of(trouble: Trouble, how: How) -> End:
    """Return the end that a trouble must come to: two tries a seat, where the same one is worth a second."""
    tries = 2 if trouble.again else 1
    if how == "the first, for good":
        return End(1, (tries, 1), tries - 1)
    if how == "both, for good":
        return End(None, (tries, tries), 2 * (tries - 1))
    if trouble.again:
        return End(0, (2, 0), 1)
    return End(1 if how == "the first, once" else None, (1, 1), 0)


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


@dataclass
class World:
    """A clock that only sleeping moves."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    @property
    def fate(self) -> Fate:
        return Fate(clock=lambda: self.now, sleep=self.sleep, chance=lambda: 0.5)


def environment(models: ModelDouble, first: str, *, mute: bool = False) -> dict[str, Any]:
    order = " ".join(AUTHORS[each] for each in (first, *(each for each in VENDORS if each != first)))
    return models.environment() | {"PAWL_MODELS": order, "PAWL_MODEL_TIMEOUT": 2 if mute else 60}


def is_mute(answer: Scripted) -> bool:
    return isinstance(answer, Fault) and (answer.kind == "silent" or answer.stalls)


async def asked(models: ModelDouble, first: str, trouble: Trouble, journal: Notebook, world: World) -> Answer | NoAnswer:
    seats = await seats_of(Settings(**environment(models, first, mute=is_mute(trouble.answer))))
    try:
        return await Router(seats.by_duty, Budget(), journal, patience=Patience(tries=2), fate=world.fate).ask(QUESTION)
    except NoAnswer as error:
        return error
    finally:
        await seats.close()


def test_there_are_a_hundred() -> None:
    assert len(CASES) >= 100


@pytest.mark.parametrize(("name", "how"), CASES)
async def test_a_question_is_answered_or_ends_with_the_reasons(models: ModelDouble, name: str, how: How) -> None:
    order = VENDORS if CASES.index((name, how)) % 2 else VENDORS[::-1]
    authors = tuple(AUTHORS[each] for each in order)
    trouble, wanted = TROUBLE[name], end_of(TROUBLE[name], how)
    arrange(models, order[0], trouble.answer, how)
    journal, world = Notebook(), World()
    end = await asked(models, order[0], trouble, journal, world)
    assert tuple([seen.endpoint for seen in models.requests].count(each) for each in order) == wanted.calls
    assert [each.author for each in journal.calls] == [authors[0]] * wanted.calls[0] + [authors[1]] * wanted.calls[1]
    assert world.slept == ([trouble.pause] * wanted.pauses if trouble.pause is not None else [])
    if wanted.author is None:
        assert isinstance(end, NoAnswer)
        assert all(f"{author}: " in str(end) for author in authors), "the sentence names each and why"
        assert models.key not in str(end)
    else:
        assert isinstance(end, Answer), end
        assert (end.data, end.author) == (GOOD, authors[wanted.author])
    switched = [(each.left, each.taken) for each in journal.switches]
    assert switched == [authors] * bool(wanted.calls[1])


async def test_a_breaker_opens_half_opens_and_closes_over_the_wire(models: ModelDouble) -> None:
    models.faults(fault.failing(500), endpoint="anthropic", forever=True)
    models.script("planner", GOOD, forever=True)
    seats = await seats_of(Settings(**environment(models, "anthropic")))
    world, journal = World(), Notebook()
    watch = Watch(lambda: world.now, Rules(in_a_row=4, rest=10.0))

    async def ask() -> tuple[str, int, Mode]:
        """Return who answered, how often the sick one has been asked, and how its breaker stands."""
        router = Router(seats.by_duty, Budget(), journal, watch=watch, patience=Patience(tries=2), fate=world.fate)
        author = (await router.ask(QUESTION)).author
        return author, [each.endpoint for each in models.requests].count("anthropic"), watch.health()[0].mode

    sick, well = AUTHORS.values()
    assert await ask() == (well, 2, Mode.CLOSED)
    assert await ask() == (well, 4, Mode.OPEN)
    assert await ask() == (well, 4, Mode.OPEN)
    assert "is left alone for 10 s more" in journal.switches[-1].why
    world.now += 10
    assert await ask() == (well, 5, Mode.OPEN), "one probe, which failed"
    world.now += 19
    assert await ask() == (well, 5, Mode.OPEN), "it rests twice as long"
    world.now += 1
    models.faults(endpoint="anthropic")
    assert await ask() == (sick, 6, Mode.CLOSED), "the probe was answered"
    await seats.close()


# --- through the front door, with the real journal -----------------------------------------------------------------------------

FILES = {"a.py": "def add(x, y):\n    return x + y\n", "test_a.py": "def test_a():\n    assert True\n"}
TOLD = {"paragraphs": [{"text": "It adds.", "citations": [{"path": "a.py", "first": 2, "last": 2, "quote": "return x + y"}]}]}
KINDS: Mapping[str, tuple[Scripted, int, str]] = {
    "timeouts": (fault.silent(2), 3, "timeout: no sign of life"),
    "429": (fault.limited(), 3, "rate limited: HTTP 429"),
    "429 with Retry-After": (fault.limited("1"), 3, "rate limited: HTTP 429"),
    "500": (fault.half_an_error(500), 3, "unavailable: the connection broke"),
    "529": (fault.overloaded(529), 3, "overloaded: HTTP 529"),
    "malformed": (fault.garbage(), 3, "malformed: an event of its stream"),
    "empty": (Say(" "), 1, "its answer was empty"),
    "over-long": (fault.too_long(), 1, "too long: HTTP 400"),
}
"""What a vendor answers, how often it is asked, and what is on record of it."""
Repository = Callable[[Mapping[str, str]], Path]


def ask_by_command(pawl: Pawl, models: ModelDouble, root: Path, first: str, spoils: Scripted) -> Said:
    there: dict[str, Any] = environment(models, first) | {"PAWL_MODEL_TIMEOUT": "8" if is_mute(spoils) else "60"}
    return pawl("ask", "What does add do?", "--repo", root, "--json", **there)


async def on_record(pawl: Pawl) -> list[tuple[str, str, str]]:
    """Return what is on record of models for the newest run, in order: who, what, why."""
    async with open_store(Settings(PAWL_HOME=pawl.env["PAWL_HOME"], PAWL_CACHE=pawl.env["PAWL_CACHE"])) as store:
        entries = [each for run in await store.listed(most=1) for each in await store.ledger(run.run.id)]
        assert await store.verify_ledger() == []
    return [(each["actor"], each["action"], each["why"]) for each in entries if each["action"].startswith("model.")]


@pytest.mark.parametrize("first", VENDORS)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_run_completes_on_the_next_provider(
    pawl: Pawl, models: ModelDouble, repository: Repository, kind: str, first: str
) -> None:
    spoils, tries, why = KINDS[kind]
    models.script(partial(_at, first), spoils, forever=True)
    models.script("reader", TOLD, forever=True)
    second = next(each for each in VENDORS if each != first)
    said = ask_by_command(pawl, models, repository(FILES), first, spoils)
    assert said.code == 0, said.err
    assert said.json["author"] == AUTHORS[second]
    *calls, switch, last = await on_record(pawl)
    assert [each[:2] for each in calls] == [(f"model:{AUTHORS[first]}", "model.called")] * tries
    assert all(each[2].startswith(why) for each in calls)
    assert switch[:2] == (f"model:{AUTHORS[first]}", "model.switched")
    assert last == (f"model:{AUTHORS[second]}", "model.called", "answered")


@pytest.mark.parametrize("kind", ["500", "empty"])
def test_a_run_ends_refused_with_the_reasons(pawl: Pawl, models: ModelDouble, repository: Repository, kind: str) -> None:
    spoils, tries, why = KINDS[kind]
    models.script("reader", spoils, forever=True)
    models.script(lambda _: True, spoils, forever=True)
    said = ask_by_command(pawl, models, repository(FILES), "openai", spoils)
    assert said.code == 1
    assert all(f"{author}: {why}" in said.json["reason"] for author in AUTHORS.values())
    assert len(models.requests) == 2 * tries
