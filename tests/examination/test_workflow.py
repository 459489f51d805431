"""The workflow: shipped with Pawl, fit for the machines that were chosen, known again whatever its comments."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bot.errors import Fatal
from bot.examination import workflow as module
from bot.examination.workflow import Machines, fits, machines, same, workflow
from bot.settings import Settings

PLAIN = Machines()
OWN = machines(Settings(GITHUB_SERVER_URL="https://git.example", PAWL_RUNS_ON="self-hosted linux-x64"))


def test_it_ships_with_pawl(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "workflow_dispatch" in workflow(PLAIN)
    monkeypatch.setattr(module, "files", lambda _name: tmp_path / "bot")
    with pytest.raises(Fatal, match="install Pawl again"):
        workflow(PLAIN)


def test_what_is_chosen_for_github_itself_is_what_ships() -> None:
    shipped = Path(__file__).parents[2] / "workflows/pawl.yml"
    assert workflow(machines(Settings())) == workflow(machines(Settings(GITHUB_SERVER_URL="https://octocorp.ghe.com")))
    assert workflow(PLAIN) == shipped.read_text(encoding="utf-8")


def test_every_job_runs_on_the_machines_that_were_chosen() -> None:
    jobs = yaml.safe_load(workflow(OWN))["jobs"].values()
    assert [each["runs-on"] for each in jobs] == [["self-hosted", "linux-x64"]] * 3
    larger = yaml.safe_load(workflow(Machines(("ubuntu-24.04-16-cores",))))["jobs"].values()
    assert [each["runs-on"] for each in larger] == ["ubuntu-24.04-16-cores"] * 3


def test_an_enterprise_server_gets_actions_that_know_its_artifacts_pinned_all_the_same() -> None:
    used = re.findall(r"uses: (\S+)@(\S+) # (\S+)", workflow(OWN))
    assert {(name, version[:2]) for name, _, version in used if "artifact" in name} == {
        ("actions/upload-artifact", "v3"),
        ("actions/download-artifact", "v3"),
    }
    assert all(re.fullmatch(r"[0-9a-f]{40}", commit) for _, commit, _ in used)


def test_an_enterprise_server_that_knows_newer_artifacts_may_have_them_and_github_only_those() -> None:
    as_it_ships, older = workflow(Machines(OWN.labels)), workflow(OWN)
    assert fits(as_it_ships, OWN)
    assert fits(older, OWN)
    assert not fits(older, Machines(OWN.labels))
    assert not fits(workflow(PLAIN), OWN)


def test_comments_and_layout_make_no_other_workflow() -> None:
    text = workflow(PLAIN)
    pasted = "\r\n".join(line for line in text.splitlines() if not line.startswith("#"))
    assert same(pasted, text)
    assert same(yaml.safe_dump(yaml.safe_load(text)), text)


@pytest.mark.parametrize(
    "other",
    [
        workflow(PLAIN).replace("--require-hashes ", ""),
        workflow(PLAIN).replace("contents: read", "contents: write"),
        workflow(OWN),
        "",
        "a: [",
        "[" * 100_000,
        "- 1",
    ],
    ids=["no hashes", "writing", "other machines", "empty", "broken", "deep", "list"],
)
def test_anything_else_does(other: str) -> None:
    assert not same(other, workflow(PLAIN))
    assert not same(other[:3], other[:3] + "x")
