"""The command line parses, calls and prints; every error is one line with its exit code."""

from __future__ import annotations

import errno
import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from bot import VERSION, app, checkup, judgement
from bot.cli import cli, main
from bot.demo import make_project
from bot.errors import Busy, Fatal, InputError, Refused, Retryable
from bot.history import History
from bot.ids import RepoName, RunId, Sha
from bot.reply import Done, of_answer
from bot.run import Inquiry, Instruction, Run, State, Verb
from tests.doubles.contract import ANSWER, AUDIT, GATES, MUTATE, RUN

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


@pytest.mark.parametrize("arguments", [["--help"], ["config", "--schema"]])
def test_who_reads_no_further_is_not_told_that_pawl_refused(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "bot", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as told:
        assert told.stdout is not None
        assert told.stderr is not None
        told.stdout.close()
        assert told.stderr.read() == b""
    assert told.returncode == 128 + signal.SIGPIPE


def test_the_version() -> None:
    assert RUNNER.invoke(cli, ["--version"]).output == f"pawl {VERSION}\n"


Pawl = Callable[..., tuple[int, str, str]]


@pytest.fixture
def pawl(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Pawl:
    """Return the command line: exit code, standard output and standard error of each call."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["pawl", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, shown.out, shown.err

    return call


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
def test_wrong_usage_is_exit_code_2(arguments: list[str], pawl: Pawl) -> None:
    code, out, err = pawl(*arguments)
    assert (code, out) == (2, "")
    assert err


CONTRACTS = {
    "run": (["run", "fix it"], RUN),
    "gates": (["gates", "--base", "HEAD", "--head", "HEAD"], GATES),
    "mutate": (["mutate", "--path", "calc.py"], MUTATE),
    "ask": (["ask", "Why?"], ANSWER),
    "explain": (["explain", "merge"], ANSWER),
    "debug": (["debug"], ANSWER),
    "audit": (["audit", "verify"], AUDIT),
}


@pytest.mark.parametrize(
    ("error", "ends"),
    [
        (InputError("no such thing: name another"), (2, "no such thing: name another")),
        (Refused("the policy says no"), (1, "the policy says no")),
        (Busy("somebody is at it"), (2, "somebody is at it")),
        (Retryable("the database is away"), (70, "the database is away")),
        (Fatal("a promise was broken"), (70, "a promise was broken")),
        (OSError(errno.ENOSPC, "No space left on device", "/full"), (2, "there is no room to write")),
        (ZeroDivisionError("division by zero"), (70, "ZeroDivisionError: Pawl itself is at fault")),
        (FileNotFoundError(errno.ENOENT, "No such file", "/x"), (70, "FileNotFoundError: Pawl itself is at fault")),
        (KeyboardInterrupt(), (130, "stopped")),
    ],
    ids=lambda each: type(each).__name__,
)
@pytest.mark.parametrize("command", CONTRACTS)
def test_whatever_goes_wrong_json_has_the_shape_of_its_command(
    command: str, error: BaseException, ends: tuple[int, str], monkeypatch: pytest.MonkeyPatch, pawl: Pawl
) -> None:
    async def fails(*_: object) -> None:
        raise error

    for room, name in ((app, "run"), (app, "mutate"), (judgement, "judge"), (checkup, "verify")):
        monkeypatch.setattr(room, name, fails)
    arguments, schema = CONTRACTS[command]
    code, out, err = pawl(*arguments, "--json")
    found = json.loads(out)
    Draft202012Validator(schema).validate(found)
    assert code == ends[0]
    assert ends[1] in found["error"]
    assert err.splitlines()[-1].startswith("pawl: ")
    assert pawl(*arguments)[:2] == (code, "")


@pytest.mark.parametrize("command", CONTRACTS)
def test_wrong_usage_is_answered_in_the_same_shape(command: str, pawl: Pawl) -> None:
    arguments, schema = CONTRACTS[command]
    code, out, _ = pawl(*arguments, "--nosuch", "--json")
    Draft202012Validator(schema).validate(json.loads(out))
    assert code == 2


@pytest.mark.parametrize(
    ("arguments", "schema", "said"),
    [
        (["run", "--engine", "magic", "fix"], RUN, "magic"),
        (["gates"], GATES, "name the change"),
        (["gates", "--base", "a", "--head", "b", "--instruction", "@/nope"], GATES, "/nope cannot be read"),
        (["gates", "--subject", "/nope", "--results", "/x"], GATES, "/nope cannot be read"),
        (["mutate", "--repo", "/nope", "--path", "a.py"], MUTATE, "is not a directory"),
        (["audit", "verify", "/nope"], AUDIT, "is not a directory"),
    ],
)
def test_bad_input_is_answered_in_json(arguments: list[str], schema: dict[str, Any], said: str, pawl: Pawl) -> None:
    code, out, _ = pawl(*arguments, "--json")
    found = json.loads(out)
    Draft202012Validator(schema).validate(found)
    assert (code, said in found["error"]) == (2, True)


def test_giving_a_run_up_is_told_in_the_shape_of_a_run(monkeypatch: pytest.MonkeyPatch, pawl: Pawl) -> None:
    async def cancelled(*_: object) -> Run:
        return Run(RunId("R"), Instruction(Verb.FIX, "fix", RepoName("/r"), Sha("b" * 40)), State.CANCELLED, reason="given up")

    monkeypatch.setattr(app, "cancel", cancelled)
    code, out, _ = pawl("run", "--cancel", "R", "--json")
    found = json.loads(out)
    Draft202012Validator(RUN).validate(found)
    assert (code, found["state"], found["ended"]) == (0, "refused", "cancelled")
    assert pawl("run", "--cancel", "R")[:2] == (0, "Cancelled: run R\n")


def test_json_of_the_program_that_runs_in_the_sandbox_is_its_own(monkeypatch: pytest.MonkeyPatch, pawl: Pawl) -> None:
    monkeypatch.setattr(app, "sandbox", lambda *_: 7)
    assert pawl("sandbox", "--", "run", "--json") == (7, "", "")


@pytest.mark.parametrize(("variable", "command"), [("PAWL_HOME", "run"), ("PAWL_CACHE", "gates"), ("PAWL_HOME", "mutate")])
def test_a_place_that_cannot_be_had_is_bad_input(
    variable: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pawl: Pawl
) -> None:
    monkeypatch.setenv(variable, "/proc/nope")
    root = str(make_project(tmp_path / "rooms"))
    code, _, err = pawl(*CONTRACTS[command][0], "--repo", root)
    assert code == 2
    assert err.splitlines()[-1].startswith("pawl: /proc/nope cannot be made (No such file or directory): ")
    assert f"set {variable} to another place" in err


def test_the_demo_needs_a_folder(pawl: Pawl) -> None:
    code, _, err = pawl("demo", "--dir", "/etc/passwd")
    assert code == 2
    assert "pawl: /etc/passwd cannot be written (File exists): name another place with --dir" in err


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


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "PAWL_ENDPOINTS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("nobody")
def test_the_model_engine_without_a_model_says_what_to_set_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = make_project(tmp_path / "rooms")
    monkeypatch.setattr(sys, "argv", ["pawl", "run", "rename `merge` to `join`", "--engine", "model", "--repo", str(root)])
    with pytest.raises(SystemExit) as ended:
        main()
    shown = capsys.readouterr()
    assert ended.value.code == 1
    assert shown.out == ""
    assert "pawl: no language model is configured, and the engine `model` needs one: set OPENAI_API_KEY" in shown.err


@pytest.mark.parametrize("command", ["run", "ask", "explain", "debug"])
def test_json_is_one_object_even_where_the_words_cannot_be_read(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["pawl", command, "@/nowhere/at/all", "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = json.loads(capsys.readouterr().out)
    assert ended.value.code == 2
    assert "/nowhere/at/all cannot be read" in said["error"]
    assert ("paragraphs" in said) == (command != "run")


@pytest.mark.usefixtures("nobody")
def test_a_question_that_is_not_begun_has_the_shape_of_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = make_project(tmp_path / "rooms")
    monkeypatch.setattr(sys, "argv", ["pawl", "ask", "Why?", "--json", "--repo", str(root)])
    with pytest.raises(SystemExit):
        main()
    run = Run(RunId("R"), Instruction(Verb.FIX, "Why?", RepoName("/r"), Sha("b"), inquiry=Inquiry.ASK), State.DONE)
    assert set(json.loads(capsys.readouterr().out)) == {*of_answer(Done(run, History(), None, 1.0)), "error"}
