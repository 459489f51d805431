"""The process that owns the embedded Postgres: starts it, starts it again after a crash, stops it when nobody uses it any more.

Runs as a program of its own (``python supervisor.py '{…}'``) on the standard library alone, so that it is up in milliseconds and
outlives the command that started it. That command waits until the server is ready: exit code 0, or 1 with the reason on stderr.

Three files lock the life-cycle, all by ``flock``, which the kernel lets go however a process dies:

``users``   shared by everybody who uses the server; once the supervisor gets it exclusively, nobody does
``start``   held by the command that is starting the server
``server``  held by the supervisor *and*, inherited, by every process of the server: free means that all of them are gone
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_READY_LINE = 7
"""Line of ``postmaster.pid``, from 0, that holds the server's status (``LOCK_FILE_LINE_PM_STATUS``, counted from 1, is 8)."""
_MOST_LOG = 1 << 20
_MOST_CRASHES = 5
_WAIT_FOR_LAST = 20.0
"""Seconds that a server whose supervisor was killed may take to stop (it was sent SIGINT by the kernel then)."""
_WAIT_FOR_READY = 60.0
"""Seconds for recovery after a crash; a store of this size takes one or two."""


@dataclass(frozen=True)
class Orders:
    """All a supervisor must know."""

    postgres: str
    """The server's binary."""
    folder: str
    """Holds ``data``, the three locks, ``log`` and ``address``."""
    socket: str
    """Directory of the server's socket."""
    settings: tuple[str, ...]
    """``name=value`` for ``postgres -c``."""
    user: int | None = None
    """Who the server runs as, where this process is root."""
    group: int | None = None
    by_descriptor: bool = False
    """Reach ``data`` through an inherited descriptor, because ``user`` may not walk the path to it."""
    linger: float = 2.0
    """Seconds that the server outlives its last user."""

    def as_text(self) -> str:
        """Return the orders as the program's one argument."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Orders:
        """Return what :meth:`as_text` wrote."""
        fields = json.loads(text)
        return cls(**{**fields, "settings": tuple(fields["settings"])})


class Refusal(Exception):
    """The server does not come up; the message is the end of its log, or says what is in the way."""


class Server:
    """The server's process while this one lives."""

    def __init__(self, orders: Orders, lock: int) -> None:
        self.orders = orders
        self.folder = Path(orders.folder)
        self.lock = lock
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it takes connections; raises :class:`Refusal` where it does not."""
        log = self.folder / "log"
        if log.exists() and log.stat().st_size > _MOST_LOG:
            log.replace(self.folder / "log.old")
        with log.open("ab") as out, _data(self.orders) as (data, descriptors):
            begin = out.tell()
            self.process = self._spawn(data, descriptors, out)
        deadline = time.monotonic() + _WAIT_FOR_READY
        while not self._ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop(signal.SIGQUIT)
                with log.open("rb") as written:
                    written.seek(begin)
                    raise Refusal(written.read()[-4000:].decode("utf-8", "replace"))
            time.sleep(0.005)
        address = self.folder / "address.new"
        address.write_text(self.orders.socket, encoding="utf-8")
        address.replace(self.folder / "address")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT ends connections and writes everything out, SIGQUIT only ends."""
        (self.folder / "address").unlink(missing_ok=True)
        if self.process is not None:
            if self.process.poll() is None:
                self.process.send_signal(how)
            self.process.wait()
        with contextlib.suppress(OSError):
            Path(self.orders.socket).rmdir()

    @property
    def crashed(self) -> bool:
        """Whether the process is gone though nobody stopped it."""
        return self.process is None or self.process.poll() is not None

    def _spawn(self, data: str, descriptors: tuple[int, ...], out: IO[bytes]) -> subprocess.Popen[bytes]:
        orders = self.orders
        command = [orders.postgres, "-D", data, "-c", f"unix_socket_directories={orders.socket}"]
        command += [part for setting in orders.settings for part in ("-c", setting)]
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd="/",
            env={"TZ": "UTC", "LC_ALL": "C"},
            pass_fds=(self.lock, *descriptors),
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - this process has one thread
            user=orders.user,
            group=orders.group,
            extra_groups=None if orders.user is None else [],
        )

    def _ready(self) -> bool:
        if self.process is None:
            return False
        try:
            lines = (self.folder / "data" / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return False
        return len(lines) > _READY_LINE and lines[0] == str(self.process.pid) and lines[_READY_LINE].strip() == "ready"


def supervise(orders: Orders, ready: Callable[[], None]) -> None:
    """Own the server until nobody uses it; ``ready`` is called once it takes connections.

    Where another supervisor has a server up there, ``ready`` is called and that is all.

    Raises:
        Refusal: it does not come up, or crashed too often.
    """
    folder = Path(orders.folder)
    lock = os.open(folder / "server", os.O_RDWR | os.O_CREAT, 0o600)
    users = os.open(folder / "users", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _wait_for_last(lock, folder):
            ready()
            return
        # Holding the lock, nobody else's: a process that took a dead server's number must not keep this one from starting.
        for left in (folder / "data" / "postmaster.pid", Path(orders.socket) / ".s.PGSQL.5432.lock"):
            left.unlink(missing_ok=True)
        server = Server(orders, lock)
        server.start()
        try:
            ready()
            _watch(server, users)
        finally:
            server.stop()
    finally:
        os.close(users)
        os.close(lock)


def _watch(server: Server, users: int) -> None:
    """Return when the server should stop, holding the users' lock so that nobody comes in meanwhile."""
    crashes = 0
    idle_since: float | None = None
    while _still_there(server.folder, users):
        if server.crashed:
            crashes += 1
            if crashes > _MOST_CRASHES:
                raise Refusal(f"the server crashed {crashes} times")
            (server.folder / "address").unlink(missing_ok=True)
            # Processes that a killed server left behind may stand in the way for a moment; that counts as one more crash.
            time.sleep(0.05 * crashes)
            with contextlib.suppress(Refusal):
                server.start()
            continue
        if _take(users):
            now = time.monotonic()
            idle_since = now if idle_since is None else idle_since
            if now - idle_since >= server.orders.linger:
                return
            fcntl.flock(users, fcntl.LOCK_UN)
        else:
            idle_since = None
        time.sleep(min(0.2, server.orders.linger / 4))
    server.stop(signal.SIGQUIT)


def _still_there(folder: Path, users: int) -> bool:
    """Whether the folder is the one the server was started in; somebody may have removed it."""
    try:
        return (folder / "users").stat().st_ino == os.fstat(users).st_ino and (folder / "data" / "PG_VERSION").exists()
    except OSError:
        return False


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait_for_last(lock: int, folder: Path) -> bool:
    """Wait until no server is left in the folder; False where one is up, whoever started it."""
    deadline = time.monotonic() + _WAIT_FOR_LAST
    while not _take(lock):
        if time.monotonic() > deadline:
            raise Refusal(f"an earlier server in {folder} does not stop")
        if (folder / "address").exists():
            return False
        time.sleep(0.02)
    return True


@contextlib.contextmanager
def _data(orders: Orders) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Give the name under which the server can reach its data, and the descriptors it must inherit for that."""
    path = f"{orders.folder}/data"
    if not orders.by_descriptor:
        yield path, ()
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}", (descriptor,)
    finally:
        os.close(descriptor)


def _die_with_parent() -> None:
    """Have the kernel stop this process cleanly when its parent is gone; elsewhere than on Linux it stays until it is stopped."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _detached(orders: Orders, report: int) -> None:
    """Be the supervisor; tell the waiting parent through ``report``: an empty line once ready, else the reason."""
    os.setsid()
    os.chdir("/")
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: sys.exit(0))

    def ready() -> None:
        os.write(report, b"\n")
        os.close(report)

    try:
        supervise(orders, ready)
    except (Refusal, OSError) as error:
        with contextlib.suppress(OSError):
            os.write(report, str(error).encode() or b"no reason given")


def main(arguments: list[str]) -> int:
    """Start a detached supervisor and wait until its server is ready."""
    orders = Orders.from_text(arguments[0])
    hear, report = os.pipe()
    if os.fork() == 0:
        os.close(hear)
        _detached(orders, report)
        os._exit(0)
    os.close(report)
    with os.fdopen(hear, "rb") as answer:
        said = answer.read()
    if said == b"\n":
        return 0
    sys.stderr.write(said.decode("utf-8", "replace"))
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
