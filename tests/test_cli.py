"""The command line parses, calls and prints; every error is one line with its exit code."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import VERSION
from bot.cli import cli, main
from bot.demo import make_project

RUNNER = CliRunner()
COMMANDS = ["run", "ask", "explain", "debug", "gates", "mutate", "sandbox", "config", "doctor", "demo", "audit"]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAWL_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PAWL_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_one_sentence(command: str) -> None:
    said = RUNNER.invoke(cli, [command, "--help"])
    assert said.exit_code == 0
    assert "." in said.output


def test_the_version() -> None:
    assert RUNNER.invoke(cli, ["--version"]).output == f"pawl {VERSION}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["nosuch"],
        ["run", "--nosuch"],
        ["gates"],
        ["sandbox"],
        ["run", "--engine", "magic", "fix"],
        ["sandbox", "--seconds", "0", "--", "x"],
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    assert RUNNER.invoke(cli, arguments).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--repo", "/nonexistent", "fix it"], "is not a directory"),
        (["run", "@/nonexistent"], "cannot be read"),
        (["mutate", "--repo", "/nonexistent"], "is not a directory"),
        (["gates", "--repo", "/nonexistent", "--base", "a", "--head", "b"], "is not a directory"),
        (["config", "--repo", "/nonexistent"], "is not a directory"),
        (["demo", "--dir", "/proc"], ""),
    ],
)
def test_bad_input_is_one_line_on_standard_error(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["pawl", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    shown = capsys.readouterr()
    assert caught.value.code == 2
    assert shown.out == ""
    assert shown.err.splitlines()[-1].startswith("pawl: ")
    assert said in shown.err


def test_an_instruction_from_standard_input_must_be_text(monkeypatch: pytest.MonkeyPatch) -> None:
    class Bytes(io.TextIOWrapper):
        pass

    monkeypatch.setattr(sys, "argv", ["pawl", "run", "-"])
    monkeypatch.setattr(sys, "stdin", Bytes(io.BytesIO(b"\xff\xfe")))
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2


def test_the_settings_in_force_are_json(tmp_path: Path) -> None:
    root = make_project(tmp_path / "rooms")
    assert '"source": "defaults"' in RUNNER.invoke(cli, ["config", "--repo", str(root)]).output
    assert '"$schema"' in RUNNER.invoke(cli, ["config", "--schema"]).output


@pytest.mark.parametrize("command", [["ask", "Why?"], ["explain", "merge"], ["debug"], ["ask", "Why?", "--json"]])
def test_a_question_without_a_model_says_what_to_set(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "PAWL_ENDPOINTS"):
        monkeypatch.delenv(name, raising=False)
    root = make_project(tmp_path / "rooms")
    monkeypatch.setattr(sys, "argv", ["pawl", *command, "--repo", str(root)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "set OPENAI_API_KEY or ANTHROPIC_API_KEY" in capsys.readouterr().err
