from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import bot
from bot.errors import Fatal
from bot.sandbox.isolated import Isolated
from bot.sandbox.launcher import Zygote
from bot.sandbox.sandbox import Launch

if TYPE_CHECKING:
    from tests.sandbox.conftest import Jail


def children(pid: int) -> list[int]:
    """Return a process's children, of all its threads."""
    listings = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(each) for listing in listings for each in listing.read_text().split()]


def until(holds: Callable[[], object]) -> bool:
    """Wait, for a minute at most, until something holds."""
    for _ in range(1200):
        if holds():
            return True
        time.sleep(0.05)
    return False


def alive(token: str) -> bool:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if token in path.read_bytes().decode("utf-8", "replace"):
                return True
        except OSError:
            continue
    return False


@pytest.fixture
def own(jail: Jail) -> Isolated:
    """The layer with a zygote of the test's own, to be killed."""
    return Isolated(jail.sandbox.layer, jail.sandbox.bwrap, Zygote(jail.uid if jail.uid != os.geteuid() else None))


def zygote_of(before: list[int]) -> int:
    (found,) = set(children(os.getpid())) - set(before)
    return found


def test_a_zygote_that_died_is_replaced(own: Isolated, tmp_path: Path) -> None:
    for parent in (tmp_path, *list(tmp_path.parents)[:3]):
        parent.chmod(parent.stat().st_mode | 0o055)
    launch = Launch(("/bin/echo", "x"), tmp_path)
    before = children(os.getpid())
    assert own.run(launch).stdout == b"x\n"
    os.kill(zygote_of(before), signal.SIGKILL)
    os.waitpid(zygote_of(before), 0)
    assert own.run(launch).stdout == b"x\n"
    own.zygote.stop()


def test_when_the_keeper_is_killed_its_tree_dies_and_there_is_no_verdict(own: Isolated, tmp_path: Path) -> None:
    for parent in (tmp_path, *list(tmp_path.parents)[:3]):
        parent.chmod(parent.stat().st_mode | 0o055)
    before, seconds = children(os.getpid()), 20_000 + os.getpid()
    with own.converse(Launch(("/bin/sh", "-c", f"echo ready; exec sleep {seconds}"), tmp_path)) as talk:
        assert talk.stdout.readline() == b"ready\n"
        (keeper,) = children(zygote_of(before))
        os.kill(keeper, signal.SIGKILL)
        with pytest.raises(Fatal, match="killed from outside"):
            talk.close()
    own.zygote.stop()
    assert until(lambda: not alive(f"sleep\0{seconds}"))


PAWL = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from bot.sandbox.probe import find_sandbox
from bot.sandbox.sandbox import Launch
with find_sandbox().converse(Launch(("/bin/sh", "-c", f"echo ready; exec sleep {sys.argv[2]}"), Path(sys.argv[3]))) as talk:
    print(talk.stdout.readline().decode(), flush=True)
    input()
"""


def test_when_pawl_is_killed_everything_dies(tmp_path: Path) -> None:
    home, seconds = str(Path(bot.__file__).parents[1]), str(10_000 + os.getpid())
    command = [sys.executable, "-c", PAWL, home, seconds, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as pawl:
        assert pawl.stdout is not None
        assert pawl.stdout.readline() == b"ready\n"
        assert until(lambda: alive(f"sleep\0{seconds}"))
        pawl.kill()
    assert until(lambda: not alive(f"sleep\0{seconds}"))


def test_a_zygote_is_not_shared_across_a_fork(own: Isolated, tmp_path: Path) -> None:
    for parent in (tmp_path, *list(tmp_path.parents)[:3]):
        parent.chmod(parent.stat().st_mode | 0o055)
    launch = Launch(("/bin/echo", "x"), tmp_path)
    own.run(launch)
    own.zygote._owner = -1  # as a forked child would find it
    own.zygote.stop()
    assert own.run(launch).stdout == b"x\n"
    control, process = own.zygote._inherited
    assert control
    assert process
    assert process.poll() is None
    own.zygote.stop()
    control.close()
    process.wait(timeout=30)
