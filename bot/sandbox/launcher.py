"""Pawl's end of a launch: send the order, feed and drain the pipes, hear how it ended."""

from __future__ import annotations

import atexit
import io
import json
import logging
import os
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self

import bot
from bot.errors import Fatal, InputError
from bot.sandbox.order import Order
from bot.sandbox.sandbox import Completed, Ended, Launch, Layer

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

_LOG = logging.getLogger("pawl.sandbox")
_GRACE = 0.5
"""Seconds for the last bytes in the pipes once the whole tree is dead."""
_CHUNK = _MESSAGE = 1 << 16
_STDOUT, _STDERR = 1, 2
_START = "import sys; sys.path.insert(0, sys.argv[1]); from bot.sandbox.zygote import main; main(int(sys.argv[2]))"

Sink = Callable[[int, bytes], None]
"""Takes a stream's number (1 or 2) and what came on it."""


class _Zygote:
    """The one zygote of this process; started at the first order, again if it died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

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
        if self._control is None or self._owner != os.getpid():
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            home = str(Path(bot.__file__).parents[1])
            command = [sys.executable, "-I", "-S", "-c", _START, home, str(theirs.fileno())]
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
        if self._control is not None:
            self._control.close()
            self._control = None

    def stop(self) -> None:
        """Let it go; it ends by itself when its socket closes."""
        if self._owner == os.getpid() and self._process is not None:
            self._forget()
            self._process.wait(timeout=5)


_ZYGOTE = _Zygote()
atexit.register(_ZYGOTE.stop)


@dataclass(frozen=True)
class End:
    """What the keeper said at the end."""

    ended: Ended
    code: int
    seconds: float


class Process:
    """A launch under way. Single owner; :meth:`pump` may run in a thread of its own."""

    def __init__(self, order: Order, stdin: int) -> None:
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
        text = _in_memory(order.to_json())
        try:
            _ZYGOTE.send([text, stdin, out, err, theirs.fileno()])
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
        numbers = {self.stdout: _STDOUT, self.stderr: _STDERR}
        with selectors.PollSelector() as selector:
            for descriptor, number in numbers.items():
                if number in streams:
                    selector.register(descriptor, selectors.EVENT_READ)
            selector.register(self.status, selectors.EVENT_READ)
            deadline: float | None = None
            while selector.get_map():
                ready = selector.select(None if deadline is None else max(0.0, deadline - time.monotonic()))
                if not ready and deadline is not None:
                    break
                for key, _ in ready:
                    if key.fileobj is self.status:
                        end = self._heard() or end
                        if end:
                            selector.unregister(self.status)
                            deadline = time.monotonic() + _GRACE
                    elif not self._drain(key.fd, numbers[key.fd], sink):
                        selector.unregister(key.fd)
        if end is None:
            raise Fatal("the sandbox's keeper went away without an answer")
        self._record(end)
        return end

    def _drain(self, descriptor: int, number: int, sink: Sink) -> bool:
        data = os.read(descriptor, _CHUNK)
        if number == _STDERR and not self._started:
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
            return End(Ended.KILLED, 137, 0.0)
        said: dict[str, Any] = json.loads(message)
        if said["event"] == "started":
            self._started = True
            return None
        if said["event"] == "failed":
            while self._drain(self.stderr, _STDERR, lambda *_: None):
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


def _in_memory(content: bytes) -> int:
    descriptor = os.memfd_create("pawl")
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


@dataclass(frozen=True)
class Isolated:
    """A sandbox by one layer; see :class:`~bot.sandbox.sandbox.Sandbox`."""

    layer: Layer
    bwrap: str = ""

    def run(self, launch: Launch) -> Completed:
        """Run to the end.

        Raises:
            InputError: a path in the launch cannot be shown.
            Fatal: the sandbox could not be set up; nothing was run.
        """
        streams = {_STDOUT: bytearray(), _STDERR: bytearray()}
        end = self.stream(launch, _in_memory(launch.stdin), lambda number, data: streams[number].extend(data))
        return Completed(end.code, end.ended, bytes(streams[_STDOUT]), bytes(streams[_STDERR]), end.seconds)

    def stream(self, launch: Launch, stdin: int, sink: Sink) -> End:
        """Run to the end with the descriptor ``stdin`` (closed here) as input, handing output on as it comes."""
        process = Process(Order(self.layer, launch, self.bwrap), stdin)
        try:
            return process.pump((_STDOUT, _STDERR), sink)
        finally:
            process.close()

    def converse(self, launch: Launch) -> Talk:
        """Start and keep the pipes open.

        Raises:
            InputError: a path in the launch cannot be shown, or there is input for it.
        """
        if launch.stdin:
            raise InputError("a conversation takes its input through the pipe, not with the launch")
        theirs, ours = os.pipe()
        try:
            return Talk(Process(Order(self.layer, launch, self.bwrap), theirs), ours)
        except BaseException:
            os.close(ours)
            raise


class _Counted(io.FileIO):
    """The command's output, counted against its limit as it is read."""

    def __init__(self, process: Process) -> None:
        super().__init__(process.take_stdout(), "rb")
        self._process = process

    def readinto(self, buffer: Buffer, /) -> int:
        size = super().readinto(buffer) or 0
        return self._process.count(size)


class Talk:
    """A running launch and its pipes; see :class:`~bot.sandbox.sandbox.Conversation`."""

    def __init__(self, process: Process, stdin: int) -> None:
        """Listen, in a thread, to what the process complains of and to how it ends."""
        self._process = process
        self._complaints = bytearray()
        self._completed: Completed | None = None
        self._failure: Fatal | None = None
        self.stdin: BinaryIO = io.BufferedWriter(io.FileIO(stdin, "wb"))
        self.stdout: BinaryIO = io.BufferedReader(_Counted(process))
        self._listener = threading.Thread(target=self._listen, name="sandbox-stderr", daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        try:
            end = self._process.pump((_STDERR,), lambda _number, data: self._complaints.extend(data))
        except Fatal as error:
            self._failure = error
        else:
            self._completed = Completed(end.code, end.ended, b"", bytes(self._complaints), end.seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        self._process.kill()
        self._listener.join()
        self._process.close()
        for pipe in (self.stdin, self.stdout):
            try:
                pipe.close()
            except OSError:  # what was still to be written has no reader any more
                continue

    def close(self) -> Completed:
        """Kill what still runs and say how it ended.

        Raises:
            Fatal: the sandbox could not be set up; nothing was run.
        """
        self._end()
        if self._completed is None:
            raise self._failure or Fatal("the sandbox's keeper went away without an answer")
        return self._completed
