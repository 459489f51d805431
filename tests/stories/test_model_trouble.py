"""Models in trouble, from a laptop: the next one answers, on record; where none may or can be asked, the reason is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from bot.store.store import open_store
from tests.doubles.models import fault
from tests.doubles.models.double import ModelDouble
from tests.stories.conftest import Pawl

ANSWER = {"paragraphs": [{"text": "It adds.", "citations": [{"path": "a.py", "first": 2, "last": 2, "quote": "return x + y"}]}]}
FILES = {"a.py": "def add(x, y):\n    return x + y\n", "test_a.py": "def test_a():\n    assert True\n"}
MODELS = "openai:gpt-5.5 anthropic:claude-opus-5-5"
Repository = Callable[[Mapping[str, str]], Path]


def env(models: ModelDouble) -> dict[str, Any]:
    return {**models.environment(), "PAWL_MODELS": MODELS}


async def ledger(pawl: Pawl) -> list[tuple[str, str, str]]:
    """Return what is on record of models for the newest run, in order: who, what, why."""
    async with open_store(Settings(PAWL_HOME=pawl.env["PAWL_HOME"], PAWL_CACHE=pawl.env["PAWL_CACHE"])) as store:
        entries = [each for run in await store.listed(most=1) for each in await store.ledger(run.run.id)]
        assert await store.verify_ledger() == []
    return [(each["actor"], each["action"], each["why"]) for each in entries if each["action"].startswith("model.")]


async def test_the_next_vendor_answers_and_it_is_on_record(pawl: Pawl, models: ModelDouble, repository: Repository) -> None:
    models.faults(fault.overloaded(), fault.failing(400, "no such model", "invalid_request_error"), endpoint="openai")
    models.script("reader", ANSWER)
    said = pawl("ask", "What does add do?", "--repo", repository(FILES), "--json", **env(models))
    assert said.code == 0, said.err
    assert said.json["author"] == "anthropic:claude-opus-5-5"
    one, two = (f"model:{each}" for each in MODELS.split())
    (first, second, switch, last) = await ledger(pawl)
    assert first[:2] == second[:2] == (one, "model.called")
    assert first[2].startswith("overloaded: HTTP 529")
    assert second[2] == "rejected: HTTP 400: no such model"
    assert switch[:2] == (one, "model.switched")
    assert switch[2] == "rejected: HTTP 400: no such model, after 2 tries"
    assert last == (two, "model.called", "answered")


async def test_where_nobody_answers_every_reason_is_told(pawl: Pawl, models: ModelDouble, repository: Repository) -> None:
    models.faults(fault.failing(401, "wrong key", "authentication_error"), endpoint="openai")
    models.faults(fault.too_long(), endpoint="anthropic")
    said = pawl("ask", "What does add do?", "--repo", repository(FILES), "--json", **env(models))
    assert said.code == 1
    assert "openai:gpt-5.5: denied: HTTP 401: wrong key" in said.json["reason"]
    assert "anthropic:claude-opus-5-5: too long: HTTP 400" in said.json["reason"]
    assert models.key not in said.out + said.err


def test_any_compatible_endpoint_will_do(pawl: Pawl, models: ModelDouble, repository: Repository) -> None:
    models.lacks("local", "response_format", "stream_options", "max_tokens")
    models.script("reader", ANSWER)
    there: dict[str, Any] = {"PAWL_ENDPOINTS": f"local={models.endpoint('local')}", "LOCAL_API_KEY": models.key}
    said = pawl("ask", "What does add do?", "--repo", repository(FILES), "--json", **there)
    assert said.code == 0, said.err
    assert said.json["author"] == "local:local-model"


@pytest.mark.parametrize(
    ("budget", "why"),
    [
        ("model_calls: 0", "0 calls to models were made, which is as many as may be"),
        ("tokens: 100", "0 tokens are used and the next call may take"),
    ],
)
def test_what_the_budget_forbids_never_goes_out(
    pawl: Pawl, models: ModelDouble, repository: Repository, budget: str, why: str
) -> None:
    root = repository({**FILES, ".github/pawl.yml": f"budget: {{{budget}}}\n"})
    said = pawl("ask", "What does add do?", "--repo", root, "--json", **env(models))
    assert said.code == 1
    assert why in said.json["reason"]
    assert "raise budget.tokens, .money or .model_calls in .github/pawl.yml" in said.json["reason"]
    assert models.requests == []


def test_an_operators_price_and_day_are_kept_to(pawl: Pawl, models: ModelDouble, repository: Repository) -> None:
    there = {**env(models), "PAWL_PRICES": "gpt-5.5=100/100 claude-opus-5-5=100/100", "PAWL_MONEY_PER_DAY": "0.5"}
    said = pawl("ask", "What does add do?", "--repo", repository(FILES), "--json", **there)
    assert said.code == 1
    assert "of everybody together within 24 hours is used up" in said.json["reason"]
    assert models.requests == []


def test_a_model_that_nobody_reaches_takes_nothing_else_down(pawl: Pawl, models: ModelDouble, repository: Repository) -> None:
    models.offers("openai")
    there: dict[str, Any] = models.environment("openai")
    root = repository({**FILES, "a.py": f"import os\n\n\n{FILES['a.py']}"})
    said = pawl("ask", "What does add do?", "--repo", root, "--json", **there)
    assert said.code == 1
    assert "no model could be asked for the reader: no endpoint tells which models it has" in said.json["reason"]
    assert "no endpoint tells" in pawl("doctor", **there).out
    tidied = pawl("run", "remove the unused imports of a.py", "--repo", root, "--json", **there)
    assert tidied.code in {0, 3}, tidied.out[-2000:] + tidied.err
    assert "-import os" in tidied.json["change"]["diff"]
    assert models.requests == []
