"""The supervisor in this process; ``test_embedded.py`` has it as the program it is."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.store import supervisor
from bot.store.supervisor import Orders, Refusal, supervise

POSTGRES = """#!{python} -S
import os, pathlib, signal, sys, time
data = pathlib.Path(sys.argv[2])
signal.signal(signal.SIGINT, lambda *_: (data.joinpath("clean").touch(), sys.exit(0)))
print("starting", flush=True)
{body}
(data / "postmaster.pid").write_text("\\n".join([str(os.getpid()), *"123456", "ready   "]))
time.sleep({life})
sys.exit(3)
"""


def stand_in(tmp_path: Path, body: str = "", life: float = 60) -> Orders:
    """Return orders for a program that behaves like a server as far as a supervisor can see."""
    program = tmp_path / "postgres"
    program.write_text(POSTGRES.format(python=sys.executable, body=body, life=life))
    program.chmod(0o755)
    folder = tmp_path / "folder"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "PG_VERSION").write_text("18")
    socket = tmp_path / "socket"
    socket.mkdir()
    return Orders(str(program), str(folder), str(socket), ("a=b",), linger=0.1)


class User:
    """Somebody who uses the server until told otherwise."""

    def __init__(self, orders: Orders) -> None:
        self.lock = os.open(Path(orders.folder) / "users", os.O_RDWR | os.O_CREAT)
        fcntl.flock(self.lock, fcntl.LOCK_SH)

    def leave(self) -> None:
        os.close(self.lock)


def pid_of(orders: Orders) -> int:
    return int((Path(orders.folder) / "data" / "postmaster.pid").read_text().splitlines()[0])


def test_orders_survive_the_way_to_the_program(tmp_path: Path) -> None:
    orders = stand_in(tmp_path)
    assert Orders.from_text(orders.as_text()) == orders
    assert json.loads(orders.as_text())["linger"] == 0.1


def test_the_server_is_stopped_cleanly_after_its_last_user(tmp_path: Path) -> None:
    orders = stand_in(tmp_path)
    user = User(orders)
    seen: list[str] = []

    def ready() -> None:
        seen.append((Path(orders.folder) / "address").read_text())
        threading.Timer(0.3, user.leave).start()

    supervise(orders, ready)
    assert seen == [orders.socket]
    assert (Path(orders.folder) / "data" / "clean").exists()
    assert not (Path(orders.folder) / "address").exists()
    assert not Path(orders.socket).exists()
    assert "starting" in (Path(orders.folder) / "log").read_text()


def test_a_server_without_users_is_not_kept(tmp_path: Path) -> None:
    orders = stand_in(tmp_path)
    supervise(orders, lambda: None)
    assert (Path(orders.folder) / "data" / "clean").exists()


def test_a_server_that_does_not_come_up_is_refused_with_its_log(tmp_path: Path) -> None:
    orders = stand_in(tmp_path, body="print('FATAL:  out of luck', flush=True); sys.exit(1)")
    (Path(orders.folder) / "log").write_text("FATAL:  an older story\n")
    with pytest.raises(Refusal, match="out of luck") as error:
        supervise(orders, lambda: None)
    assert "older story" not in str(error.value)


def test_a_server_that_never_gets_ready_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_WAIT_FOR_READY", 0.3)
    orders = stand_in(tmp_path, body="time.sleep(60)")
    with pytest.raises(Refusal):
        supervise(orders, lambda: None)


def test_a_server_that_crashes_is_started_again_but_not_forever(tmp_path: Path) -> None:
    orders = stand_in(tmp_path, life=0.01)
    user = User(orders)
    with pytest.raises(Refusal, match="the server crashed 6 times"):
        supervise(orders, lambda: None)
    user.leave()
    assert (Path(orders.folder) / "log").read_text().count("starting") == 6


def test_a_removed_folder_ends_the_server(tmp_path: Path) -> None:
    orders = stand_in(tmp_path)
    user = User(orders)
    pids: list[int] = []

    def ready() -> None:
        pids.append(pid_of(orders))
        (Path(orders.folder) / "users").unlink()

    supervise(orders, ready)
    user.leave()
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_an_earlier_server_is_waited_for_but_not_forever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = stand_in(tmp_path)
    earlier = os.open(Path(orders.folder) / "server", os.O_RDWR | os.O_CREAT)
    fcntl.flock(earlier, fcntl.LOCK_EX)
    monkeypatch.setattr(supervisor, "_WAIT_FOR_LAST", 0.1)
    with pytest.raises(Refusal, match=r"an earlier server in .* does not stop"):
        supervise(orders, lambda: None)
    monkeypatch.setattr(supervisor, "_WAIT_FOR_LAST", 30)
    threading.Timer(0.2, os.close, (earlier,)).start()
    supervise(orders, lambda: None)


def test_a_server_that_is_up_already_is_ready(tmp_path: Path) -> None:
    orders = stand_in(tmp_path)
    other = os.open(Path(orders.folder) / "server", os.O_RDWR | os.O_CREAT)
    fcntl.flock(other, fcntl.LOCK_EX)
    (Path(orders.folder) / "address").write_text(orders.socket)
    seen: list[bool] = []
    supervise(orders, lambda: seen.append(True))
    os.close(other)
    assert seen == [True]
    assert not (Path(orders.folder) / "data" / "postmaster.pid").exists()


def test_a_long_log_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_MOST_LOG", 10)
    orders = stand_in(tmp_path)
    (Path(orders.folder) / "log").write_text("x" * 20)
    supervise(orders, lambda: None)
    assert (Path(orders.folder) / "log.old").read_text() == "x" * 20


@pytest.mark.skipif(sys.platform != "linux", reason="reaches folders by descriptor, which needs /proc")
def test_data_is_reached_by_descriptor_where_the_path_is_closed(tmp_path: Path) -> None:
    orders = stand_in(tmp_path)
    orders = Orders(**{**orders.__dict__, "by_descriptor": True})
    supervise(orders, lambda: None)
    assert (Path(orders.folder) / "data" / "clean").exists()


async def run(orders: Orders) -> tuple[int, str]:
    program = [sys.executable, "-I", "-S", str(Path(supervisor.__file__)), orders.as_text()]
    process = await asyncio.create_subprocess_exec(*program, stderr=asyncio.subprocess.PIPE)
    _, said = await process.communicate()
    return int(process.returncode or 0), said.decode()


async def test_the_program_returns_when_the_server_is_ready(tmp_path: Path) -> None:
    orders = stand_in(tmp_path)
    user = User(orders)
    assert await run(orders) == (0, "")
    os.kill(pid_of(orders), 0)
    user.leave()


async def test_the_program_says_why_not(tmp_path: Path) -> None:
    orders = stand_in(tmp_path, body="print('FATAL:  out of luck', flush=True); sys.exit(1)")
    code, said = await run(orders)
    assert code == 1
    assert "out of luck" in said


def in_a_child(work: Callable[[], int]) -> int:
    """Run ``work`` in a fork of this process and return its exit code."""
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            code = work()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_a_supervisor_that_is_told_to_stop_stops_its_server(tmp_path: Path) -> None:
    orders = stand_in(tmp_path)
    user = User(orders)
    assert in_a_child(lambda: supervisor.main([orders.as_text()])) == 0
    server = pid_of(orders)
    os.kill(int(Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[1]), signal.SIGTERM)
    with (Path(orders.folder) / "server").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
    assert (Path(orders.folder) / "data" / "clean").exists()
    user.leave()
