from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.errors import Fatal, NoIsolation
from bot.sandbox import probe
from bot.sandbox.isolated import Isolated
from bot.sandbox.sandbox import Completed, Conversation, Ended, Launch, Layer

if TYPE_CHECKING:
    from tests.sandbox.conftest import Jail


class Sieve:
    """A sandbox full of holes: runs everything as it is."""

    layer = Layer.RESTRICTED

    def __init__(self, said: bytes = b"[]", code: int = 0, ended: Ended = Ended.TIMED_OUT) -> None:
        self.said, self.code, self.ended = said, code, ended

    def run(self, launch: Launch) -> Completed:
        if launch.command[0] == "/bin/sleep":
            return Completed(0, self.ended, b"", b"", 0.0)
        return Completed(self.code, Ended.EXITED, self.said, b"broken", 0.0)

    def converse(self, launch: Launch) -> Conversation:
        raise NotImplementedError(launch)


class Bare(Sieve):
    """No sandbox at all."""

    def run(self, launch: Launch) -> Completed:
        done = subprocess.run(launch.command, capture_output=True, check=False, env={"PAWL_CANARY": "PAWL_CANARY"}, timeout=60)
        return Completed(done.returncode, Ended.EXITED, done.stdout, done.stderr, 0.0)


class Broken(Sieve):
    def run(self, launch: Launch) -> Completed:
        raise Fatal(f"cannot run {launch.command[0]}")


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_FOUND", {})


def test_a_layer_that_isolates_is_taken(jail: Jail) -> None:
    if jail.uid != os.geteuid():
        pytest.skip("the canary runs on an interpreter that only root can reach")
    assert probe.why_refused(jail.sandbox) == ""


def test_no_sandbox_at_all_is_refused_with_every_reason() -> None:
    reason = probe.why_refused(Bare())
    for each in (
        "host's network",
        "socket of the host",
        "file of the host",
        "host's environment",
        "kept privileges",
        "workspace itself",
    ):
        assert each in reason
    assert "wrote to the host" in reason


@pytest.mark.parametrize(
    ("sandbox", "says"),
    [
        (Sieve(), ""),
        (Sieve(b'["made a namespace"]'), "made a namespace"),
        (Sieve(code=3), "the probe ended with 3: broken"),
        (Sieve(ended=Ended.EXITED), "the time limit did not hold"),
        (Broken(), "cannot run"),
    ],
)
def test_reasons_say_what_is_wrong(sandbox: Sieve, says: str) -> None:
    reason = probe.why_refused(sandbox)
    assert says in reason
    assert bool(reason) is bool(says)


def test_the_strongest_layer_of_this_machine_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Layer] = []

    def refuse_the_first(sandbox: Isolated) -> str:
        tried.append(sandbox.layer)
        return "it leaks" if sandbox.layer is not Layer.RESTRICTED else ""

    monkeypatch.setattr(probe, "why_refused", refuse_the_first)
    monkeypatch.setattr(probe, "find_bwrap", lambda: "/usr/bin/bwrap")
    found = probe.find_sandbox()
    assert found is probe.find_sandbox()
    assert found.layer is Layer.RESTRICTED
    assert len(tried) == 2
    assert "it leaks" in probe.examine().why_not()
    assert "user namespaces" in probe.examine().why_not()


def test_without_bubblewrap_the_advice_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "find_bwrap", lambda: None)
    monkeypatch.setattr(probe, "why_refused", lambda _sandbox: "no Landlock")
    with pytest.raises(NoIsolation, match=r"apt-get install bubblewrap.*no Landlock") as error:
        probe.find_sandbox()
    assert error.value.exit_code == 125


def test_with_the_strongest_layer_there_is_nothing_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "find_bwrap", lambda: "/usr/bin/bwrap")
    monkeypatch.setattr(probe, "why_refused", lambda _sandbox: "")
    report = probe.examine()
    wanted = Layer.BUBBLEWRAP_DROPPED if os.geteuid() == 0 else Layer.BUBBLEWRAP
    assert report.sandbox is not None
    assert (report.sandbox.layer, report.why_not()) == (wanted, "")


def test_other_systems_have_no_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(NoIsolation, match="needs Linux"):
        probe.find_sandbox()


def test_an_interpreter_of_the_system_needs_nothing_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.base_prefix", "/usr")
    monkeypatch.setattr("sys.base_exec_prefix", "/opt/python")
    assert probe.base_interpreter() == (Path("/opt/python"),)
