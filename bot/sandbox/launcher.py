"""Pawl's end of a launch: send the order, feed and drain the pipes, hear how it ended."""

from __future__ import annotations

import atexit
import json
import logging
import os
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bot
from bot.errors import Fatal, InputError
from bot.sandbox.order import Order
from bot.sandbox.sandbox import Ended, Launch

_LOG = logging.getLogger("pawl.sandbox")
_GRACE = 0.5
"""Seconds for the last bytes in the pipes once the whole tree is dead."""
_CHUNK = _MESSAGE = 1 << 16
STDOUT, STDERR = 1, 2
_START = "import sys; sys.path.insert(0, sys.argv[1]); from bot.sandbox.zygote import main; main(*sys.argv[2:])"

Sink = Callable[[int, bytes], None]
"""Takes a stream's number (1 or 2) and what came on it."""


class Zygote:
    """Pawl's hold on a zygote process; started at the first order, again if it died."""

    def __init__(self, user: int | None = None) -> None:
        """Prepare to start one; with ``user`` it gives up root for that uid once it is loaded."""
        self._user = user
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._inherited: tuple[socket.socket | None, subprocess.Popen[bytes] | None] = (None, None)
        """What a forked child has of its parent's; kept, since it is not the child's to close."""

    def send(self, descriptors: list[int]) -> None:
        """Hand an order over.

        Raises:
            Fatal: the zygote cannot be started.
        """
        with self._lock:
            for _ in range(2):
                control = self._connected()
                try:
                    socket.send_fds(control, [b"order"], descriptors)
                except OSError:
                    self._forget()
                else:
                    return
        raise Fatal("the sandbox's launcher process died twice in a row")

    def _connected(self) -> socket.socket:
        if self._owner != os.getpid():
            self._inherited = (self._control, self._process)
            self._control = None
        if self._control is None:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            home = str(Path(bot.__file__).parents[1])
            command = [sys.executable, "-I", "-S", "-c", _START, home, str(theirs.fileno()), str(self._user or "")]
            quiet = subprocess.DEVNULL
            self._process = subprocess.Popen(
                command,
                stdin=quiet,
                stdout=quiet,
                stderr=quiet,
                pass_fds=(theirs.fileno(),),
                env={},
                cwd="/",
                start_new_session=True,
            )
            theirs.close()
            self._control, self._owner = ours, os.getpid()
        return self._control

    def _forget(self) -> None:
        """End it. Its keepers go on: each ends with its own launch."""
        if self._control is not None and self._process is not None:
            self._control.close()
            self._control = None
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """Let go of it, unless it is another process's."""
        with self._lock:
            if self._owner == os.getpid():
                self._forget()


ZYGOTE = Zygote()
"""The one that serves this process."""
atexit.register(ZYGOTE.stop)


@dataclass(frozen=True)
class End:
    """What the keeper said at the end."""

    ended: Ended
    code: int
    seconds: float


class Process:
    """A launch under way. Single owner; :meth:`pump` may run in a thread of its own."""

    def __init__(self, order: Order, stdin: int, zygote: Zygote) -> None:
        """Start it; ``stdin`` is handed over and closed."""
        try:
            _check(order.launch)
        except InputError:
            os.close(stdin)
            raise
        self.order = order
        self.stdout, out = os.pipe()
        self.stderr, err = os.pipe()
        self.status, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        text = in_memory(order.to_json())
        try:
            zygote.send([text, stdin, out, err, theirs.fileno()])
        finally:
            theirs.close()
            for each in (text, stdin, out, err):
                os.close(each)
        self._taken = 0
        self._too_much = False
        self._started = False
        self._complaint = b""

    def take_stdout(self) -> int:
        """Hand the output's descriptor over to the caller, who closes it."""
        descriptor, self.stdout = self.stdout, -1
        return descriptor

    def kill(self) -> None:
        """Ask the keeper to end the tree now."""
        try:
            self.status.send(b"kill")
        except OSError:
            return

    def count(self, size: int) -> int:
        """Count output and return how much of ``size`` bytes is within the limit; past it the tree is killed."""
        most = self.order.launch.limits.output << 20
        allowed = max(0, min(size, most - self._taken))
        self._taken += size
        if self._taken > most and not self._too_much:
            self._too_much = True
            self.kill()
        return allowed

    def pump(self, streams: tuple[int, ...], sink: Sink) -> End:
        """Drain ``streams`` (1, 2) into ``sink`` until the tree is dead and the pipes are empty.

        Raises:
            Fatal: the sandbox could not be set up.
        """
        end: End | None = None
        numbers = {self.stdout: STDOUT, self.stderr: STDERR}
        with selectors.PollSelector() as selector:
            for descriptor, number in numbers.items():
                if number in streams:
                    selector.register(descriptor, selectors.EVENT_READ)
            selector.register(self.status, selectors.EVENT_READ)
            for key in self._ready(selector):
                if key.fileobj is self.status:
                    end = self._heard()
                    more = end is None
                else:
                    more = self._drain(key.fd, numbers[key.fd], sink)
                if not more:
                    selector.unregister(key.fileobj)
        if end is None:
            raise Fatal("the sandbox's keeper went away without an answer")
        self._record(end)
        return end

    def _ready(self, selector: selectors.BaseSelector) -> Iterator[selectors.SelectorKey]:
        """Yield what can be read, until nothing is watched any more; once the end is heard, only what comes within the grace."""
        watched = selector.get_map()
        deadline: float | None = None
        while watched:
            ready = selector.select(None if deadline is None else max(0.0, deadline - time.monotonic()))
            if not ready and deadline is not None:
                return
            for key, _ in ready:
                yield key
                if deadline is None and self.status not in watched:
                    deadline = time.monotonic() + _GRACE

    def _drain(self, descriptor: int, number: int, sink: Sink) -> bool:
        data = os.read(descriptor, _CHUNK)
        if number == STDERR and not self._started:
            self._complaint += data
        allowed = self.count(len(data))
        if allowed:
            sink(number, data[:allowed])
        return bool(data)

    def _receive(self) -> bytes:
        try:
            return self.status.recv(_MESSAGE)
        except ConnectionResetError:  # said first where the keeper left a request unread; what it sent still waits
            return self.status.recv(_MESSAGE)

    def _heard(self) -> End | None:
        message = self._receive()
        if not message:
            raise Fatal("the sandbox's keeper was killed from outside; what it ran died with it")
        said: dict[str, Any] = json.loads(message)
        if said["event"] == "started":
            self._started = True
            return None
        if said["event"] == "failed":
            while self._drain(self.stderr, STDERR, lambda *_: None):
                pass
            last = self._complaint.decode("utf-8", "replace").strip().splitlines()[-1:]
            raise SetupFailed(": ".join(["the sandbox could not be set up", said["why"], *last]))
        ended = Ended.OUTPUT_LIMIT if self._too_much else Ended(said["ended"])
        return End(ended, 137 if self._too_much else said["code"], said["seconds"])

    def _record(self, end: End) -> None:
        launch = self.order.launch
        _LOG.info(
            "sandboxed command ended",
            extra={
                "command": launch.command,
                "layer": self.order.layer.value,
                "workspace": str(launch.workspace),
                "limits": launch.limits,
                "ended": end.ended.value,
                "code": end.code,
                "seconds": round(end.seconds, 3),
            },
        )

    def close(self) -> None:
        """Let go of the pipes; what still runs is killed by the keeper."""
        self.status.close()
        for each in (self.stdout, self.stderr):
            if each >= 0:
                os.close(each)
        self.stdout = self.stderr = -1


class SetupFailed(Fatal):
    """The sandbox could not be set up; nothing was run."""


def _check(launch: Launch) -> None:
    for path in (launch.workspace, *launch.write):
        if not path.is_dir():
            raise InputError(f"{path} is not a directory; the sandbox needs one to show")
    for path in (launch.workspace, *launch.read, *launch.write):
        if not path.is_absolute() or path == Path("/") or ".." in path.parts:
            raise InputError(f"{path} cannot be shown in a sandbox; give an absolute path below /, without ..")
    missing = [each for each in launch.read if not each.exists()]
    if missing:
        raise InputError(f"{missing[0]} does not exist; the sandbox cannot show it")


def in_memory(content: bytes) -> int:
    """Return a descriptor to read ``content`` from."""
    descriptor = os.memfd_create("pawl")
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
