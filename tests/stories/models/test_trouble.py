"""Vendors in trouble while a run goes on: the answer is mended, somebody else asked, or the run refused with every reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.models import fault
from tests.doubles.models.double import ModelDouble
from tests.doubles.models.wire import Say, Seen
from tests.stories.conftest import Pawl
from tests.stories.models.conftest import GOOD, TESTS, WRONG, Scene, SetUp, change, ledger, proven, refused, scene_at

OPENAI, ANTHROPIC = "openai:gpt-5.5", "anthropic:claude-opus-5-5"
Told = tuple[Scene, dict[str, Any], tuple[Seen, ...]]


@pytest.fixture(scope="module")
def troubled(pawl: Pawl, models_process: ModelDouble, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """One run in which the tests come as broken JSON, the first change author declines, and the critic's stream is cut."""
    models = models_process
    models.reset()
    scene = scene_at(tmp_path_factory.mktemp("troubled") / "people", pawl, models, {})
    models.script("spec_author", 'Here you are: {"tests": [', {"tests": TESTS})
    models.script(lambda seen: seen.duty == "change_author" and seen.endpoint == "anthropic", Say("I won't", stop="refusal"))
    models.script("critic", fault.cut())
    said = scene.run(change(GOOD))
    assert models.unanswered == []
    return scene, proven(said), tuple(models.requests)


def called(reply: dict[str, Any], duty: str) -> list[tuple[str, str]]:
    """Return who was called for a duty, and in a word what came of it, as the ledger says."""
    found = [each for each in ledger(reply) if each["action"] == "model.called" and each["after"]["duty"] == duty]
    return [(each["actor"].removeprefix("model:"), each["why"].partition(":")[0]) for each in found]


def test_broken_json_is_given_back_once(troubled: Told) -> None:
    _, reply, asked = troubled
    assert called(reply, "spec_author") == [(OPENAI, "did not fit"), (OPENAI, "answered")]
    first, second = [each for each in asked if each.duty == "spec_author"]
    assert "does not fit what was asked for" not in first.text
    assert "does not fit what was asked for" in second.text
    assert "it is not JSON" in second.text
    assert "Here you are" in second.text


def test_where_one_vendor_declines_another_is_asked(troubled: Told) -> None:
    _, reply, _ = troubled
    assert called(reply, "change_author") == [(ANTHROPIC, "it declined to answer"), (OPENAI, "answered")]
    switches = [each for each in ledger(reply) if each["action"] == "model.switched"]
    assert [(each["before"]["model"], each["after"]["model"], each["why"]) for each in switches] == [
        (ANTHROPIC, OPENAI, "it declined to answer")
    ]
    assert reply["authors"]["change"] == OPENAI
    body = Path(reply["pull_request"]).read_text(encoding="utf-8")
    assert f"⚠️ `{OPENAI}` wrote the change and had another part" in body, "there was nobody else left"


def test_a_stream_that_is_cut_is_asked_for_again(troubled: Told) -> None:
    _, reply, _ = troubled
    assert called(reply, "critic") == [(ANTHROPIC, "cut off"), (ANTHROPIC, "answered")]
    assert reply["authors"]["critics"] == [ANTHROPIC], "neither wrote the change nor its tests"


def test_every_call_is_counted_and_nothing_is_broken(troubled: Told) -> None:
    scene, reply, asked = troubled
    assert reply["cost"]["calls"] == len(asked)
    assert scene.pawl("audit", "verify", reply["bundle"]).code == 0


def test_where_every_vendor_is_down_from_the_start_both_reasons_are_told(scene: SetUp) -> None:
    there = scene({})
    there.models.faults(fault.limited("600"), endpoint="openai", forever=True)
    there.models.faults(fault.failing(401, "no such key", "authentication_error"), endpoint="anthropic", forever=True)
    reply = refused(there.run(change(GOOD)))
    assert reply["reason"].startswith("no trustworthy spec")
    assert f"{OPENAI}: rate limited: HTTP 429" in reply["reason"]
    assert f"{ANTHROPIC}: denied: HTTP 401: no such key" in reply["reason"]
    assert there.as_it_was()


def test_where_every_vendor_goes_down_on_the_way_nothing_half_done_is_left(scene: SetUp) -> None:
    there = scene({})
    there.models.script(_change_at("openai"), fault.overloaded(503), forever=True)
    there.models.script(_change_at("anthropic"), fault.gone(), forever=True)
    reply = refused(there.run(change(GOOD)))
    assert reply["reason"].startswith("no change found")
    assert f"{OPENAI}: overloaded: HTTP 503" in reply["reason"]
    assert f"{ANTHROPIC}: unavailable" in reply["reason"]
    assert reply["spec"]["commit"], "the tests were locked"
    assert there.as_it_was(), "but no branch holds them"


def _change_at(endpoint: str) -> Any:
    return lambda seen: seen.duty == "change_author" and seen.endpoint == endpoint


def test_no_call_goes_out_beyond_the_budget(scene: SetUp) -> None:
    there = scene({".github/pawl.yml": "budget:\n  model_calls: 2\n"})
    reply = refused(there.run(change(WRONG), change(GOOD), vendors=("anthropic",)))
    assert "the model budget of this run is used up (2 calls to models were made, which is as many as may be)" in reply["reason"]
    assert "raise budget.tokens, .money or .model_calls in .github/pawl.yml" in reply["reason"]
    assert [each.duty for each in there.models.requests] == ["spec_author", "change_author"]
    assert there.as_it_was()


def test_no_token_goes_out_beyond_the_budget(scene: SetUp) -> None:
    there = scene({".github/pawl.yml": "budget:\n  tokens: 30000\n"})
    there.models.script("change_author", *(Say(json.dumps(change(each)), output=15_000) for each in (WRONG, GOOD)))
    reply = refused(there.run(change(GOOD), vendors=("anthropic",)))
    assert "tokens are used and the next call may take" in reply["reason"]
    assert [each.duty for each in there.models.requests] == ["spec_author", "change_author"]
    assert there.as_it_was()
