"""Consulting: askers for runs, journalled in the store, within the run's budget and the day's."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot import consulting as consulted
from bot.config import Budget, Config
from bot.consulting import budget_of, consulting, in_words
from bot.errors import InputError, Refused
from bot.ids import InstallationId, RepoName, Sha, new_run_id
from bot.llm.asking import Ask, Duty, NoAnswer, OverBudget, Passage, Usage
from bot.llm.journal import Call
from bot.llm.prices import Price
from bot.llm.provider import Completion, FailureKind, Request
from bot.llm.seat import Seat
from bot.run import Inquiry, Instruction, Origin, Run, Verb
from bot.seats import Seats
from bot.settings import Settings
from bot.store.store import Store
from tests.doubles.scripted_provider import ScriptedProvider, fails, says

QUESTION = Ask(Duty.READER, "Answer.", (Passage("instruction", "what?"),), most_output=100)
DEFAULTS = Config()
LAPTOP = Instruction(Verb.FIX, "fix f", RepoName("/r"), Sha("a" * 40))
GITHUB = replace(LAPTOP, repo=RepoName("o/r"), requester="ann", origin=Origin(InstallationId(9), 2, 3, 1))


class Environment:
    """Seats as a test wants them instead of those of real endpoints."""

    def __init__(self) -> None:
        self.provider = ScriptedProvider("p", otherwise=says("yes"))
        self.other = ScriptedProvider("q", otherwise=says("yes"))
        self.tries = 0
        self.trouble: list[Exception] = []

    async def seats_of(self, settings: Settings) -> Seats:
        del settings
        self.tries += 1
        if self.trouble:
            raise self.trouble.pop(0)
        seats = tuple(Seat(each, "m", Price(1000.0, 1000.0)) for each in (self.provider, self.other))
        return Seats({Duty.READER: seats}, (self.provider, self.other))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Environment:
    here = Environment()
    monkeypatch.setattr(consulted, "seats_of", here.seats_of)
    return here


def settings(**more: Any) -> Settings:
    return Settings(**{"OPENAI_API_KEY": "key", **more})


async def run_of(store: Store, wish: Instruction = LAPTOP) -> Run:
    return await store.create(wish, new_run_id(), alone=False)


async def written(store: Store, run: Run, call: Call) -> None:
    await store.completions.called(run.id, await store.completions.begun(run.id, call), call)


async def asked(store: Store, run: Run, config: Config = DEFAULTS, **more: Any) -> str:
    """Ask once on behalf of a run, in a process of its own as it were; return the answer."""
    async with (
        consulting(settings(**more), store.completions) as models,
        models.asking(run, config) as asker,
    ):
        assert asker is not None
        return (await asyncio.to_thread(asker.ask, QUESTION)).text


async def test_a_call_is_in_the_store_and_in_the_ledger(store: Store, environment: Environment) -> None:
    run = await run_of(store)
    assert await asked(store, run) == "yes"
    spent = await store.completions.spent(run.id)
    assert (spent.input, spent.output, spent.calls) == (100, 10, 1)
    assert spent.money == pytest.approx(0.11)
    entry = (await store.ledger(run.id))[-1]
    assert (entry["actor"], entry["action"], entry["why"]) == ("model:p:m", "model.called", "answered")
    assert environment.provider.closed
    assert environment.other.closed


async def test_a_switch_is_in_the_ledger(store: Store, environment: Environment) -> None:
    environment.provider.otherwise = fails(FailureKind.DENIED)
    run = await run_of(store)
    assert await asked(store, run) == "yes"
    entries = [(each["actor"], each["action"], each["why"]) for each in await store.ledger(run.id)][-3:]
    assert entries == [
        ("model:p:m", "model.called", "denied: the vendor said DENIED"),
        ("model:p:m", "model.switched", "denied: the vendor said DENIED"),
        ("model:q:m", "model.called", "answered"),
    ]


@pytest.mark.parametrize(
    ("budget", "setting"),
    [({"model_calls": 2}, "2 calls"), ({"tokens": 900}, "tokens are used"), ({"money": 0.9}, "USD are spent")],
)
async def test_a_runs_budget_outlives_the_process(
    store: Store, environment: Environment, budget: Mapping[str, Any], setting: str
) -> None:
    run = await run_of(store)
    config = Config(budget=Budget(**budget))
    said = []

    async def on_and_on() -> None:
        for _ in range(8):
            said.append(await asked(store, run, config))  # noqa: PERF401 - what came before the refusal counts

    with pytest.raises(OverBudget, match=setting) as caught:
        await on_and_on()
    assert "raise budget.tokens, .money or .model_calls in .github/pawl.yml" in str(caught.value)
    assert 1 <= len(said) <= 5
    assert len(environment.provider.requests) == len(said)


async def test_a_day_has_a_budget_for_everybody(store: Store, environment: Environment) -> None:
    other = await run_of(store)
    await written(store, other, Call(Duty.READER, "p", "m", Usage(1, 1, 0, 49.9, 1), 1.0, "answered"))
    run = await run_of(store)
    with pytest.raises(OverBudget, match=r"of everybody together within 24 hours is used up .* raise PAWL_MONEY_PER_DAY"):
        await asked(store, run)
    assert not environment.provider.requests
    assert await asked(store, run, PAWL_MONEY_PER_DAY=60) == "yes"


@pytest.mark.parametrize(
    ("cap", "who"), [("PAWL_MONEY_PER_USER", "of @ann within 24 hours"), ("PAWL_MONEY_PER_REPOSITORY", "of o/r within 24 hours")]
)
async def test_a_person_and_a_repository_on_github_have_one_too(
    store: Store, environment: Environment, cap: str, who: str
) -> None:
    earlier, laptop, other = await run_of(store, GITHUB), await run_of(store), await run_of(store, GITHUB)
    await written(store, earlier, Call(Duty.READER, "p", "m", Usage(1, 1, 0, 4.0, 1), 1.0, "answered"))
    caps: dict[str, Any] = {cap: 4}
    with pytest.raises(OverBudget, match=rf"{who} is used up .* raise {cap}"):
        await asked(store, other, **caps)
    assert await asked(store, laptop, **caps) == "yes"
    assert len(environment.provider.requests) == 1


async def test_questions_of_strangers_leave_most_of_a_day_to_work(store: Store, environment: Environment) -> None:
    """On a public repository anybody may ask, under as many names as they like."""
    caps: dict[str, Any] = {"PAWL_MONEY_PER_REPOSITORY": 20, "PAWL_MONEY_PER_USER": 1000, "PAWL_MONEY_PER_DAY": 1000}
    question = replace(GITHUB, inquiry=Inquiry.ASK)
    asked_before = await run_of(store, replace(question, requester="eve", origin=Origin(InstallationId(9), 2, 3, 66)))
    await written(store, asked_before, Call(Duty.READER, "p", "m", Usage(1, 1, 0, 4.9, 1), 1.0, "answered"))
    with pytest.raises(OverBudget, match=r"o/r for questions within 24 hours is used up .* raise PAWL_MONEY_PER_REPOSITORY"):
        await asked(store, await run_of(store, question), **caps)
    assert not environment.provider.requests
    assert await asked(store, await run_of(store, replace(question, inquiry=Inquiry.DEBUG)), **caps) == "yes"
    assert await asked(store, await run_of(store, GITHUB), **caps) == "yes"
    caps |= {"PAWL_MONEY_PER_DAY": 20, "PAWL_MONEY_PER_REPOSITORY": 1000}
    elsewhere = replace(question, repo=RepoName("o/s"), origin=Origin(InstallationId(9), 7, 3, 67))
    with pytest.raises(OverBudget, match=r"everybody together for questions within 24 hours is used up .* PAWL_MONEY_PER_DAY"):
        await asked(store, await run_of(store, elsewhere), **caps)


async def test_nothing_configured_asks_nobody(store: Store) -> None:
    run = await run_of(store)
    async with consulting(Settings(), store.completions) as models, models.asking(run, Config()) as asker:
        assert asker is None
        assert models.health() == ()


async def test_endpoints_that_do_not_tell_their_models_take_nothing_down(store: Store, environment: Environment) -> None:
    run = await run_of(store)
    environment.trouble = [Refused("no endpoint tells which models it has")] * 2
    async with consulting(settings(), store.completions) as models:
        async with models.asking(run, Config()) as asker:
            assert asker is not None
            assert asker.authors(Duty.READER) == ("openai:unknown",)
            with pytest.raises(NoAnswer, match="no model could be asked for the reader: no endpoint tells"):
                asker.ask(QUESTION)
        async with models.asking(run, Config()) as asker, models.asking(run, Config()) as another:
            assert asker is not None
            assert another is not None
            assert asker.authors(Duty.READER) == ("p:m", "q:m")
    assert environment.tries == 3


async def test_a_wrong_environment_is_told_at_once(store: Store, environment: Environment) -> None:
    environment.trouble = [InputError("PAWL_MODELS names nobody: mend it")]
    with pytest.raises(InputError, match="PAWL_MODELS"):
        async with consulting(settings(), store.completions):
            pass


async def test_endpoints_that_hang_are_not_waited_for(
    store: Store, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hanging(_settings: Settings) -> Seats:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(consulted, "seats_of", hanging)
    monkeypatch.setattr(consulted, "_PATIENCE", 0.01)
    run = await run_of(store)
    async with consulting(settings(), store.completions) as models, models.asking(run, Config()) as asker:
        assert asker is not None
        with pytest.raises(NoAnswer, match="no endpoint told its models within"):
            asker.ask(QUESTION)
    assert environment.tries == 0


async def test_who_left_a_run_asks_no_more(store: Store, environment: Environment) -> None:
    run = await run_of(store)
    async with consulting(settings(), store.completions) as models:
        async with models.asking(run, Config()) as asker:
            assert asker is not None
        with pytest.raises(NoAnswer, match="the run was left"):
            await asyncio.to_thread(asker.ask, QUESTION)
    assert not environment.provider.requests


async def test_a_call_under_way_when_a_run_is_left_is_written_down(store: Store, environment: Environment) -> None:
    begun = asyncio.Event()

    class Endless(ScriptedProvider):
        async def complete(self, request: Request, heard: Any) -> Completion:  # noqa: ARG002
            begun.set()
            await asyncio.Event().wait()
            raise AssertionError

    environment.provider = Endless("p")
    run = await run_of(store)
    async with consulting(settings(), store.completions) as models:
        async with models.asking(run, Config()) as asker:
            assert asker is not None
            waiting = asyncio.create_task(asyncio.to_thread(asker.ask, QUESTION))
            await begun.wait()
        assert (await store.ledger(run.id))[-1]["why"] == "given up: nobody waits for the answer any more"
        assert (await store.completions.spent(run.id)).input > 0
        with pytest.raises(NoAnswer, match="the run was left"):
            await waiting


def test_the_configurations_caps_are_the_budgets() -> None:
    budget = budget_of(Config())
    assert (budget.calls, budget.tokens, budget.money) == (40, 400_000, 2.0)


def test_which_models_answer_is_told_in_one_line() -> None:
    one, two = (Seat(ScriptedProvider(name), model, Price(1.0, 2.0)) for name, model in (("openai", "gpt"), ("local", "qwen")))
    by_duty: dict[Duty, tuple[Seat, ...]] = dict.fromkeys(Duty, (one, two))
    assert in_words(Seats({**by_duty, Duty.CRITIC: (two, one), Duty.SPEC_AUTHOR: ()})) == (
        "planner, change author, reader: openai:gpt > local:qwen; spec author: nobody; critic: local:qwen > openai:gpt"
    )
    unknown = in_words(Seats({Duty.CRITIC: (Seat(two.provider, "qwen"),)}))
    assert "; no price is known of local:qwen, so no cap in money holds it: set PAWL_PRICES=model=input/output" in unknown
    assert in_words(Seats({})).startswith("none configured: set OPENAI_API_KEY")
