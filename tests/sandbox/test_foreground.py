from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import InputError, NoIsolation
from bot.sandbox import foreground
from bot.sandbox.foreground import Cleaner, run_command
from bot.sandbox.isolated import Isolated
from bot.sandbox.launcher import SetupFailed
from bot.sandbox.sandbox import Launch, Limits


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "data").write_text("data")
    return tmp_path


def shell(script: str, workspace: Path, limits: Limits = Limits()) -> Launch:  # noqa: B008 - frozen
    return Launch(("/bin/sh", "-c", script), workspace, limits=limits)


def test_output_and_code_are_passed_on(workspace: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run_command(shell("cat data; echo err >&2; exit 9", workspace), stdin=None) == 9
    assert capfdbinary.readouterr() == (b"data", b"err\n")


def test_input_is_fed_through_a_pipe(workspace: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    left, right = os.pipe()
    os.write(right, b"typed\n")
    os.close(right)
    assert run_command(shell("cat", workspace), stdin=left) == 0
    os.close(left)
    assert capfdbinary.readouterr().out == b"typed\n"


def test_input_that_nobody_reads_is_no_error(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "much").write_bytes(b"x" * 1_000_000)
    with (tmp_path / "much").open("rb") as much:
        assert run_command(shell("exit 4", workspace), stdin=much.fileno()) == 4


def test_running_out_of_time_is_124(workspace: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run_command(shell("sleep 60", workspace, Limits(seconds=0.05)), stdin=None) == 124
    assert b"timed out" in capfdbinary.readouterr().err


def test_running_out_of_memory_is_137(workspace: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    hungry = "import time\nx = b'x' * (300 << 20)\ntime.sleep(60)"
    launch = shell(f'exec "$(command -v python3 || echo python3)" -c "{hungry}"', workspace, Limits(memory=100, seconds=30))
    if not Path("/usr/bin/python3").exists():
        launch = shell("tail /dev/zero", workspace, Limits(memory=100, seconds=30))
    assert run_command(launch, stdin=None) == 137
    assert b"out of memory" in capfdbinary.readouterr().err


def test_without_isolation_nothing_runs(
    workspace: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> Isolated:
        raise NoIsolation("no layer isolates")

    monkeypatch.setattr(foreground, "find_isolation", none)
    assert run_command(shell("echo ran", workspace), stdin=None) == 125
    assert capfdbinary.readouterr() == (b"", b"no layer isolates\n")


def test_a_failing_set_up_is_125(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise SetupFailed("cannot")

    monkeypatch.setattr(Isolated, "stream", fail)
    assert run_command(shell("echo ran", workspace), stdin=None) == 125


def test_relative_paths_count_from_here(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (workspace / "sub").mkdir()
    monkeypatch.chdir(workspace / "sub")
    assert run_command(Launch(("/bin/cat", "data"), Path("..")), stdin=None) == 0
    assert capfdbinary.readouterr().out == b"data"


def test_a_workspace_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a directory"):
        run_command(shell("true", tmp_path / "missing"))


def test_cleaned_output_obeys_nobody(workspace: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run_command(shell("printf 'a\\n::set-env x\\n\\033[2Jb'", workspace), clean=True, stdin=None) == 0
    assert capfdbinary.readouterr().out == b"a\n ::set-env x\n?[2Jb"


def through(cleaner: Cleaner, *parts: bytes) -> bytes:
    return b"".join(map(cleaner.clean, parts)) + cleaner.clean(b"", last=True)


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ((b"plain\ttext\r\n",), b"plain\ttext\r\n"),
        ((b"test_a.py::test_b passed",), b"test_a.py::test_b passed"),
        ((b"::error::x",), b" ::error::x"),
        ((b"a\n  ::warning::x",), b"a\n   ::warning::x"),
        ((b"a\n:", b":error::x"), b"a\n ::error::x"),
        ((b"a\n", b"::", b"error"), b"a\n ::error"),
        ((b"a", b"::b"), b"a::b"),
        ((b"##[group]x",), b" ##[group]x"),
        ((b"a\n#", b"#", b"[x]"), b"a\n ##[x]"),
        ((b"# heading\n",), b"# heading\n"),
        ((b"\x1b]0;title\x07",), b"?]0;title?"),
        ((b"\xc2\x9b31m",), b"?31m"),
        ((b"\xc2", b"\x9b31m"), b"?31m"),
        ((b"\xc2",), b"\xc2"),
        (("grün".encode(),), "grün".encode()),
        ((b"ends with :",), b"ends with :"),
        ((b"\n  :",), b"\n  :"),
    ],
)
def test_what_is_shown(parts: tuple[bytes, ...], shown: bytes) -> None:
    assert through(Cleaner(), *parts) == shown


@given(st.lists(st.binary(max_size=8) | st.sampled_from([b"::", b":", b"\n", b"##[", b"#", b" ", b"\x1b", b"x"]), max_size=20))
def test_however_a_stream_is_cut_the_same_is_shown(parts: list[bytes]) -> None:
    cut = through(Cleaner(), *parts)
    assert cut == through(Cleaner(), b"".join(parts))
    assert not any(line.startswith((b"::", b"##[")) for line in cut.split(b"\n"))
    assert b"\x1b" not in cut
