"""An audit finds every tampering, of files, sums, seal and ledger; a check-up says what is missing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from bot import checkup
from bot.checkup import doctor, models, verify
from bot.errors import InputError
from bot.evidence.bundle import SEAL, SUMS, lay_down
from bot.evidence.statement import load_seal, seal
from bot.ids import Sha
from bot.llm.asking import Duty
from bot.llm.provider import FailureKind
from bot.llm.seat import Seat
from bot.seats import Seats
from tests.doubles.scripted_provider import ScriptedProvider, fails, says


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PAWL_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PAWL_CACHE", str(tmp_path / "cache"))
    key = load_seal(tmp_path / "state/keys/seal.pem")
    files = {"evidence/run.json": '{"id": "R"}', "a.txt": "a"}
    sealed = lay_down(files, tmp_path / "bundle", "R", lambda sums: json.dumps(seal(key, Sha("a" * 40), sums, {"run": "R"})))
    return sealed.directory


async def test_a_whole_bundle(bundle: Path) -> None:
    assert (await verify(bundle)).problems == ()


async def test_a_changed_file(bundle: Path) -> None:
    (bundle / "a.txt").write_text("b")
    assert (await verify(bundle)).problems == ("a.txt was changed",)


async def test_a_file_and_its_sum_changed_together(bundle: Path) -> None:
    (bundle / "a.txt").write_text("b")
    old, new = (hashlib.sha256(each).hexdigest() for each in (b"a", b"b"))
    (bundle / SUMS).write_text((bundle / SUMS).read_text().replace(old, new))
    assert (await verify(bundle)).problems == ("a.txt differs from what was sealed",)


async def test_a_seal_of_somebody_else_a_missing_and_a_broken_one(bundle: Path, tmp_path: Path) -> None:
    other = load_seal(tmp_path / "other.pem")
    kept = (bundle / SEAL).read_text()
    (bundle / SEAL).write_text(json.dumps(seal(other, None, {"a.txt": "sha256:" + "0" * 64}, {"run": "R"})))  # type: ignore[dict-item]
    assert "not sealed by this installation" in (await verify(bundle)).problems[0]
    (bundle / SEAL).write_text("no json")
    assert "cannot be read" in (await verify(bundle)).problems[0]
    (bundle / SEAL).unlink()
    assert "cannot be read" in (await verify(bundle)).problems[-1]
    (bundle / SEAL).write_text(kept)
    assert (await verify(bundle)).problems == ()


async def test_the_check_up_names_what_it_saw(bundle: Path) -> None:
    assert bundle.exists()
    lines = {name: (good, said) for name, good, said in (await doctor(ask_models=True)).lines}
    assert lines["Python"][0]
    assert lines["git"][0]
    assert set(lines) == {"Python", "git", "sandbox", "store", "models"}
    assert lines["store"][0], lines["store"][1]


@pytest.mark.parametrize(
    ("environment", "good", "said"),
    [
        ({}, True, "none configured: set OPENAI_API_KEY"),
        ({"OPENAI_API_KEY": "sk-secret", "PAWL_MODELS": "openai:gpt-5"}, True, "planner, spec author, change author, critic"),
        ({"PAWL_MODELS": "openai:gpt-5"}, False, "PAWL_MODELS names openai:gpt-5, but openai is not configured"),
        (
            {"OPENAI_API_KEY": "sk-secret", "OPENAI_BASE_URL": "http://127.0.0.1:9"},
            False,
            "no endpoint tells which models it has",
        ),
    ],
)
async def test_the_check_up_says_which_models_answer(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], good: bool, said: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    line, *others = await models()
    assert line[1] is good
    assert said in line[2]
    assert "sk-secret" not in line[2]
    untried = "not tried: `pawl doctor --ask-models` asks each model one question"
    assert [each[2] for each in others] == ([untried] if "PAWL_MODELS" in environment and good else [])


async def test_asked_for_every_model_is_asked_once_and_a_wrong_key_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    fine, wrong = ScriptedProvider("a", [says("yes")]), ScriptedProvider("b", [fails(FailureKind.DENIED)])
    told = (Seat(fine, "one"), Seat(wrong, "two"))

    async def seats_of(_settings: object) -> Seats:
        return Seats({Duty.PLANNER: told, Duty.CRITIC: told[::-1]}, (fine, wrong))

    monkeypatch.setattr(checkup, "seats_of", seats_of)
    lines = {name: (good, said) for name, good, said in await models(ask=True)}
    assert lines["a:one"] == (True, "answers")
    assert lines["b:two"] == (False, "denied: the vendor said DENIED: look at its key, its name and its address")
    assert [len(each.requests) for each in (fine, wrong)] == [1, 1]
    assert fine.requests[0].most_output == checkup.TINY


async def test_what_is_no_folder_is_bad_input_and_no_broken_evidence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a directory: name an evidence bundle"):
        await verify(tmp_path / "nowhere")
