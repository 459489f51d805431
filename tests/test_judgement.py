"""Judging what somebody else made: by revisions, and by a paper whose answers go into a file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bot.demo import make_project
from bot.errors import InputError
from bot.examination.paper import Paper, digest_of, dumped, read_answers
from bot.gate import Verdict
from bot.ids import Digest, RunId, Sha
from bot.judgement import Judgement, hand_in, judge, of_paper, read
from bot.spec.challenge import Criticism, Dropped
from bot.spec.spec import Spec, SpecFile


def quiet(step: str, fraction: float | None = None) -> None:
    del step, fraction


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PAWL_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PAWL_CACHE", str(tmp_path / "cache"))
    return tmp_path / "state"


def head_of(root: Path) -> Sha:
    return Sha(
        subprocess.run(["git", "-C", root, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    )


async def test_a_judgement_names_gates_and_commits_that_exist(tmp_path: Path) -> None:
    root = make_project(tmp_path / "rooms")
    with pytest.raises(InputError, match="there is no gate 'nosuch'"):
        await judge(Judgement(root, "HEAD", "HEAD", "", ("nosuch",)), quiet)
    with pytest.raises(InputError, match="names no commit"):
        await judge(Judgement(root, "HEAD", "nosuch", ""), quiet)


async def test_static_gates_judge_without_a_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAWL_SANDBOX", "none")
    root = make_project(tmp_path / "rooms")
    found = await judge(Judgement(root, "HEAD", "HEAD", "", ("scope", "tests"), tmp_path / "out"), quiet)
    assert {each.name for each in found.checked.gates} == {"scope", "tests"}
    assert found.bundle == str(tmp_path / "out")
    assert found.exit_code in {0, 1, 3}


async def test_a_paper_is_judged_with_its_spec_and_the_answers_name_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAWL_SANDBOX", "none")
    root = make_project(tmp_path / "rooms")
    head = head_of(root)
    missing = Spec((), (SpecFile("tests/test_pawl.py", "gone"),), (), Digest("sha256:0"))
    paper = Paper(RunId("01R"), head, head, "fix it", missing, ("scope", "spec"))
    (tmp_path / "paper.json").write_text(dumped(paper))
    found = await judge(of_paper(read(tmp_path / "paper.json"), root), quiet)
    hand_in(paper, found, tmp_path / "answers.json")
    answers = read_answers((tmp_path / "answers.json").read_bytes(), "answers.json")
    assert answers.paper == digest_of(paper)
    assert {each.name: each.verdict for each in answers.results} == {"scope": Verdict.NOT_APPLICABLE, "spec": Verdict.ERROR}
    assert "holds no test" in next(each.summary for each in answers.results if each.name == "spec")


async def test_what_a_critic_said_travels_with_the_paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAWL_SANDBOX", "none")
    root = make_project(tmp_path / "rooms")
    head = head_of(root)
    said = Criticism("openai:one", dropped=(Dropped("merge(", "it is not Python"),))
    (tmp_path / "paper.json").write_text(dumped(Paper(RunId("01R"), head, head, "fix it", None, ("critic",), said)))
    found = await judge(of_paper(read(tmp_path / "paper.json"), root), quiet)
    (critic,) = found.checked.gates
    assert critic.verdict is Verdict.NOT_APPLICABLE
    assert critic.evidence["dropped"] == [{"what": "merge(", "why": "it is not Python"}]


def test_what_is_no_paper_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "paper.json").write_text("{}")
    with pytest.raises(InputError, match="is no paper: run: field required"):
        read(tmp_path / "paper.json")
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "nosuch.json")
