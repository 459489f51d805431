from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import bot
from bot.sandbox import cell
from bot.sandbox.sandbox import Limits

HOME = str(Path(bot.__file__).parents[1])


def in_a_process(code: str) -> object:
    """Return what the code prints as JSON, run with ``cell`` at hand where it may spoil its process."""
    start = f"import os, sys, json\nsys.path.insert(0, {HOME!r})\n"
    start += "from bot.sandbox import cell\nfrom bot.sandbox.sandbox import Limits\n"
    done = subprocess.run([sys.executable, "-I", "-c", start + code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_command_is_reached_through_a_shell_that_reports() -> None:
    left, right = os.pipe()
    command = cell.become(("/bin/echo", "a b", "$HOME", "'"))
    script = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.execv(sys.argv[2], sys.argv[2:])"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, str(right), *command],
        pass_fds=(right,),
        capture_output=True,
        check=True,
        timeout=60,
    )
    os.close(right)
    with os.fdopen(left, "rb") as pipe:
        assert pipe.read() == b"R"
    assert done.stdout == b"a b $HOME '\n"


def test_what_is_given_wins_over_what_is_fixed() -> None:
    assert cell.environment("/home/x", "/tmp", {"LANG": "C", "X": "1"}) == {
        "PATH": cell.PATH,
        "HOME": "/home/x",
        "LANG": "C",
        "TMPDIR": "/tmp",
        "X": "1",
    }


def test_the_uid_is_one_that_nobody_has() -> None:
    uid = cell.unused_uid()
    assert 0 < uid < cell.mapped_uids()
    owners = set()
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError):  # a process that ended meanwhile
            owners.add(path.stat().st_uid)
    assert uid not in owners


@pytest.mark.parametrize("mapped", [1 << 16, 5000, 10])
def test_the_uid_is_one_that_a_small_container_knows(monkeypatch: pytest.MonkeyPatch, mapped: int) -> None:
    monkeypatch.setattr(cell, "mapped_uids", lambda: mapped)
    assert mapped // 2 <= cell.unused_uid() < mapped


def test_exactly_the_given_descriptors_stay_open() -> None:
    code = """
spare = [os.open("/dev/null", os.O_RDONLY) for _ in range(20)]
left, right = os.pipe()
cell.place({0: 0, 1: right, 2: 1, 5: spare[3]})
found = [each for each in range(200) if os.path.exists(f"/proc/self/fd/{each}")]
os.write(2, json.dumps([found, os.get_inheritable(5)]).encode())
"""
    assert in_a_process(code) == [[0, 1, 2, 5], True]


def test_limits_never_rise() -> None:
    code = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (50, 50))
cell.limit(Limits(seconds=10, disk=3, processes=7), neighbours=2)
kinds = (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC, resource.RLIMIT_CORE)
print(json.dumps([resource.getrlimit(each)[0] for each in kinds]))
"""
    ceiling = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    processes = 7 + cell.OWN_PROCESSES + 2
    assert in_a_process(code) == [50, 3 << 20, processes if ceiling < 0 else min(processes, ceiling), 0]


def test_address_space_is_a_backstop_not_the_limit() -> None:
    code = "import resource\ncell.limit(Limits(memory=64))\nprint(json.dumps(resource.getrlimit(resource.RLIMIT_AS)[0]))"
    assert in_a_process(code) == (64 << 20) + (16 << 30)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change to another uid")
def test_dropping_is_for_good() -> None:
    code = """
cell.drop_to(61234)
try:
    os.setuid(0)
    back = True
except PermissionError:
    back = False
print(json.dumps([os.getresuid(), os.getresgid(), os.getgroups(), back]))
"""
    assert in_a_process(code) == [[61234] * 3, [61234] * 3, [], False]


def test_limits_are_plain_numbers() -> None:
    assert Limits() == Limits(seconds=60.0, memory=2048, disk=512, processes=128, output=16)
