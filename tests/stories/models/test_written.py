"""What only a model can do, end to end: tests first, then the change, and on record who wrote what and what it cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.doubles.models.double import ModelDouble
from tests.doubles.models.wire import Seen
from tests.stories.conftest import Pawl
from tests.stories.models.conftest import GOOD, TESTS, Scene, change, ledger, proven, scene_at

AUTHORS = {"openai": "openai:gpt-5.5", "anthropic": "anthropic:claude-opus-5-5"}
PRICES = "gpt-5.5=10/20 claude-opus-5-5=10/20"

Told = tuple[Scene, dict[str, Any], tuple[Seen, ...], str]


@pytest.fixture(scope="module", params=list(AUTHORS))
def told(
    request: pytest.FixtureRequest, pawl: Pawl, models_process: ModelDouble, tmp_path_factory: pytest.TempPathFactory
) -> Told:
    """One run with one vendor: the scene, what Pawl said, what it asked, and the only model that there is."""
    models_process.reset()
    scene = scene_at(tmp_path_factory.mktemp("written") / "people", pawl, models_process, {})
    said = scene.run(change(GOOD), vendors=(request.param,), PAWL_PRICES=PRICES)
    assert models_process.unanswered == []
    return scene, proven(said), tuple(models_process.requests), AUTHORS[request.param]


def test_the_tests_are_locked_before_anybody_is_asked_for_the_change(told: Told) -> None:
    scene, reply, asked, _ = told
    lock, made = scene.git("rev-list", "--reverse", f"{reply['base']}..{reply['branch']}").split()
    assert (lock, made) == (reply["spec"]["commit"], reply["head"])
    locked = scene.git("diff", "--name-only", reply["base"], lock).split()
    assert locked
    assert all(each.startswith("tests/test_pawl_") for each in locked)
    assert scene.git("diff", "--name-only", lock, made).split() == ["people/names.py"]
    assert [each.duty for each in asked] == ["spec_author", "change_author", "critic"]
    assert "def initials" not in asked[0].text
    kept = {each["id"].rpartition("::")[2] for each in reply["spec"]["tests"] if each["kept"] and each["origin"] == "model"}
    assert kept == {each["name"] for each in TESTS}


def test_who_writes_the_change_sees_no_test_that_is_held_out(told: Told) -> None:
    _, reply, asked, _ = told
    held = [each["id"].rpartition("::")[2] for each in reply["spec"]["tests"] if each["held_out"]]
    assert held
    assert not any(name in asked[1].text for name in held)
    assert any(each["name"] in asked[1].text for each in TESTS)


def test_it_is_said_why_no_cheaper_engine_did_it(told: Told) -> None:
    _, reply, _, _ = told
    assert reply["engine"] == "model"
    assert any(each.startswith("search: ") and len(each) > len("search: ") for each in reply["passed_over"])
    body = Path(reply["pull_request"]).read_text(encoding="utf-8")
    assert "Cheaper engines could not: search" in body


def test_who_wrote_what_is_told_and_that_nobody_else_was_there(told: Told) -> None:
    _, reply, _, author = told
    assert reply["authors"] == {"tests": author, "change": author, "critics": [author]}
    body = Path(reply["pull_request"]).read_text(encoding="utf-8")
    assert f"⚠️ `{author}` wrote the change and had another part in judging it" in body
    assert f"| wrote the change | engine model | `{author}` |" in body


def test_the_cost_is_what_the_vendor_counted(told: Told) -> None:
    _, reply, asked, author = told
    cost = reply["cost"]
    assert cost["calls"] == len(asked)
    assert cost["money"] == pytest.approx((cost["input"] * 10 + cost["output"] * 20) / 1_000_000)
    assert {each["author"] for each in cost["by_author"]} == {author}
    assert sum(each["input"] for each in cost["by_author"]) == cost["input"] > 0
    body = Path(reply["pull_request"]).read_text(encoding="utf-8")
    assert f"3 calls to models, {cost['input'] + cost['output']:,} tokens, {cost['money']:.2f} USD" in body


def test_every_call_is_in_the_ledger_and_ledger_and_bundle_hold(told: Told) -> None:
    scene, reply, asked, author = told
    calls = [each for each in ledger(reply) if each["action"] == "model.called"]
    assert [each["after"]["duty"] for each in calls] == [each.duty for each in asked]
    assert {each["actor"] for each in calls} == {f"model:{author}"}
    assert scene.pawl("audit", "verify", reply["bundle"]).code == 0
    assert scene.pawl("audit", "verify").code == 0


def test_the_project_is_left_as_it_was_but_for_the_branch(told: Told) -> None:
    scene, reply, _, _ = told
    assert scene.git("status", "--porcelain") == ""
    assert scene.git("rev-parse", "HEAD").strip() == reply["base"]
    assert scene.models.key not in scene.git("log", "-p", "--all")
