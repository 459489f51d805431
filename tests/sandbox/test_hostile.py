"""Hostile programs against each layer: every way out that is tried must be shut, and ordinary work must go on."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox.sandbox import Completed, Ended, Launch, Limits

if TYPE_CHECKING:
    from tests.sandbox.conftest import Host, Jail

SCRIPT = Path(__file__).with_name("hostile.py")
NAMES = re.findall(r"^def ((?:probe|works)_\w+)", SCRIPT.read_text(), re.MULTILINE)
NO_NAMESPACES = {
    "works_loopback": "there is no network namespace, so no socket at all",
}
"""What the restricted layer cannot offer."""
CONTROLS = (
    "probe_loopback_of_host",
    "probe_abstract_socket",
    "probe_named_socket",
    "probe_secret_of_host",
    "probe_secret_by_link_in_workspace",
    "probe_secret_by_folder_link_in_workspace",
    "probe_tmp_of_host",
    "probe_shared_memory_of_host",
    "probe_command_line_of_host",
    "probe_write_by_link_in_workspace",
    "probe_signal_host_process",
    "probe_signal_host_by_descriptor",
    "probe_metadata_of_host",
    "probe_new_privileges",
    "probe_make_setuid_file",
    "probe_create_setuid_file",
    "probe_memory_file",
    "probe_shared_memory_segment",
)
"""Probes that do no harm outside, where all of them must succeed: one that cannot notice an escape shows nothing."""


def test_there_are_enough_probes() -> None:
    assert len([name for name in NAMES if name.startswith("probe_")]) >= 48


def command(jail: Jail, host: Host, *names: str) -> tuple[str, ...]:
    return (jail.python, "-I", "-S", "-c", SCRIPT.read_text(), host.arguments(jail), *names)


def test_every_way_out_is_shut(jail: Jail, host: Host) -> None:
    done = jail.sandbox.run(Launch(command(jail, host), host.workspace, jail.read, limits=Limits(seconds=60.0)))
    assert done.code == 0, done.stderr.decode()
    said: dict[str, str] = json.loads(done.stdout)
    assert list(said) == NAMES
    escaped = {name: got for name, got in said.items() if name.startswith("probe_") and got}
    assert escaped == {}
    expected = {name: "ok" for name in NAMES if name.startswith("works_") and not (jail.restricted and name in NO_NAMESPACES)}
    assert {name: said[name] for name in expected} == expected
    assert host.sleeper.poll() is None
    assert not (host.folder / "planted").exists()
    assert (host.folder / "secret").read_text() == "PAWL_CANARY"
    assert sorted(each.name for each in host.workspace.iterdir()) == ["folder", "inner", "kept.txt", "link"]


def test_the_probes_notice_an_escape(jail: Jail, host: Host) -> None:
    user: dict[str, Any] = {"user": jail.uid, "group": jail.uid, "extra_groups": []} if os.geteuid() == 0 and jail.uid else {}
    bare = command(jail, host, *CONTROLS)
    done = subprocess.run(bare, cwd=host.workspace, capture_output=True, timeout=60, check=True, **user)
    assert [name for name, got in json.loads(done.stdout).items() if not got] == []


def bomb(jail: Jail, host: Host, name: str, seconds: float = 20.0, disk: int = 32) -> Completed:
    limits = Limits(seconds=seconds, memory=160, disk=disk, processes=40, output=4)
    done = jail.sandbox.run(Launch(command(jail, host, f"bomb_{name}"), host.workspace, jail.read, limits=limits))
    assert left_over(str(host.targets["token"]), host.sleeper.pid) == []
    assert host.sleeper.poll() is None
    return done


def left_over(token: str, besides: int) -> list[str]:
    """Return the command lines of processes that outlived their sandbox."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().decode("utf-8", "replace")
        except OSError:
            continue
        if token in line and int(path.parent.name) != besides:
            found.append(line)
    return found


OUT_OF_TIME = (
    *("endless_loop", "deaf_to_signals", "of_forks", "of_sessions", "of_threads"),
    *("that_stops_itself", "that_stops_its_parent", "that_stops_everything"),
)
OUT_OF_MEMORY = ("of_memory", "of_memory_in_children", "of_shared_memory", "of_memory_in_an_orphan")
TOO_MUCH_OUTPUT = ("of_output", "of_complaints", "of_output_by_an_orphan")


@pytest.mark.parametrize("name", OUT_OF_TIME)
def test_time_is_bounded(jail: Jail, host: Host, name: str) -> None:
    done = bomb(jail, host, name, seconds=0.4)
    assert (done.ended, done.code) in {(Ended.TIMED_OUT, 124), (Ended.OUT_OF_MEMORY, 137)}


@pytest.mark.parametrize("name", OUT_OF_MEMORY)
def test_memory_is_bounded(jail: Jail, host: Host, name: str) -> None:
    done = bomb(jail, host, name)
    assert (done.ended, done.code) == (Ended.OUT_OF_MEMORY, 137)


@pytest.mark.parametrize("name", TOO_MUCH_OUTPUT)
def test_output_is_bounded(jail: Jail, host: Host, name: str) -> None:
    done = bomb(jail, host, name)
    assert (done.ended, done.code) == (Ended.OUTPUT_LIMIT, 137)
    assert len(done.stdout) + len(done.stderr) == 4 << 20


@pytest.mark.parametrize("place", ["the_workspace", "temporary_files", "the_home", "shared_memory"])
def test_disk_is_bounded(jail: Jail, host: Host, place: str) -> None:
    done = bomb(jail, host, f"that_fills_{place}")
    assert done.ended is Ended.KILLED or (done.code == 0 and int(done.stdout) <= 32)


def test_a_huge_file_without_content_is_bounded(jail: Jail, host: Host) -> None:
    done = bomb(jail, host, "of_a_sparse_file")
    assert done.code == 1
    assert b"File too large" in done.stderr


def test_many_small_files_are_bounded(jail: Jail, host: Host) -> None:
    done = bomb(jail, host, "of_small_files", disk=8, seconds=2.0)
    assert done.ended in {Ended.KILLED, Ended.TIMED_OUT} if jail.restricted else int(done.stdout) <= 8 * 256


def test_killing_the_parent_ends_at_most_the_command(jail: Jail, host: Host) -> None:
    done = bomb(jail, host, "that_kills_its_parent", seconds=0.5)
    assert done.code in {124, 137}


def test_orphans_that_hold_the_output_do_not_hold_us(jail: Jail, host: Host) -> None:
    done = bomb(jail, host, "of_orphans", seconds=100.0)
    assert (done.ended, done.code, done.stdout) == (Ended.EXITED, 0, b"done\n")
    assert done.seconds < 50


def test_a_command_that_closes_its_output_is_waited_for(jail: Jail, host: Host) -> None:
    done = bomb(jail, host, "that_closes_its_output")
    assert (done.ended, done.code) == (Ended.EXITED, 7)


def test_nothing_is_inherited(jail: Jail, host: Host) -> None:
    left, right = os.pipe()
    os.set_inheritable(right, True)  # noqa: FBT003 - the only way to ask
    try:
        code = "import os\nfor n in range(3, 4096):\n  try: os.fstat(n)\n  except OSError: continue\n  print(n)"
        done = jail.sandbox.run(jail.launch(code, host.workspace))
    finally:
        os.close(left)
        os.close(right)
    assert (done.code, done.stdout) == (0, b"")


def test_limits_hold_inside(jail: Jail, host: Host) -> None:
    code = "import resource as r\nprint(*(r.getrlimit(n)[1] for n in (r.RLIMIT_CORE, r.RLIMIT_FSIZE, r.RLIMIT_NOFILE)))"
    done = jail.sandbox.run(jail.launch(code, host.workspace, Limits(disk=32)))
    assert done.stdout.split() == [b"0", str(32 << 20).encode(), b"1024"]
