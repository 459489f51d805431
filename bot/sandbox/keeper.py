"""The keeper: one process per launch that starts it, watches its time and memory, and kills the whole tree at the end.

It is forked from the zygote, so that no thread of Pawl's is ever forked, and it dies with the conversation: when Pawl's end
of the status socket closes, everything the keeper started is killed.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from bot.sandbox import bubblewrap, cell, kernel, landlock
from bot.sandbox.order import Order
from bot.sandbox.sandbox import Ended, Layer
from bot.sandbox.staging import TooLarge

_PAGE = os.sysconf("SC_PAGE_SIZE")
_FILL_RATE = 8 << 30
"""Bytes a second that a tree could newly use on a small machine: how long it surely stays under its limit."""
_SHORTEST, _LONGEST = 0.005, 0.1
_DISK_PERIOD = 0.25
_SETUP_SECONDS = 120.0
CODES = {Ended.TIMED_OUT: 124, Ended.OUT_OF_MEMORY: 137, Ended.KILLED: 137, Ended.OUTPUT_LIMIT: 137}


@dataclass(frozen=True)
class Descriptors:
    """What came with an order."""

    stdin: int
    stdout: int
    stderr: int


def keep(order: Order, given: Descriptors, status: socket.socket) -> None:
    """Carry out one order from start to end; every outcome goes to ``status`` as JSON."""
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    ready, ready_in_child = os.pipe()
    room = landlock.make_room(order) if order.layer is Layer.RESTRICTED else None
    try:
        child = os.fork()
        if child == 0:
            os.close(ready)
            status.close()
            _become(order, given, ready_in_child, room)
        for each in (ready_in_child, given.stdin, given.stdout, given.stderr):
            os.close(each)
        _Watch(order, child, ready, status, room).until_the_end()
    finally:
        if room:
            room.remove()


def _become(order: Order, given: Descriptors, ready: int, room: landlock.Room | None) -> NoReturn:
    descriptors = {0: given.stdin, 1: given.stdout, 2: given.stderr, cell.READY: ready}
    try:
        _last_to_live()
        if room:
            landlock.enter(order.launch, room, descriptors)
        bubblewrap.enter(order.launch, order.layer, order.bwrap, descriptors)
    except (OSError, TooLarge, ValueError) as error:
        os.write(ready, f"E{type(error).__name__}: {error}".encode("utf-8", "replace"))
    finally:
        os._exit(125)


def _last_to_live() -> None:
    """When memory runs out, sandboxed processes are the first the kernel kills."""
    Path("/proc/self/oom_score_adj").write_text("1000", encoding="utf-8")


class _Watch:
    """One running tree and its limits."""

    def __init__(self, order: Order, child: int, ready: int, status: socket.socket, room: landlock.Room | None) -> None:
        self.limits = order.launch.limits
        self.child = child
        self.pidfd = os.pidfd_open(child)
        self.ready = ready
        self.status = status
        self.room = room
        self.started: float | None = None
        self.setup_ends = time.monotonic() + _SETUP_SECONDS
        self.why = b""
        self.next_disk = 0.0
        self.used = 0
        self.poll = select.poll()
        for each in (self.pidfd, ready, status.fileno()):
            self.poll.register(each, select.POLLIN)

    def until_the_end(self) -> None:
        """Watch until the command ends or must, kill what is left of it, and say how it ended."""
        ended = Ended.EXITED
        while True:
            events = dict(self.poll.poll(self._patience() * 1000))
            if self.ready in events:
                self._hear_ready()
            if self.pidfd in events:
                break
            over = Ended.KILLED if self.status.fileno() in events else self._over_limit() if not events else None
            if over:
                ended = over
                break
        seconds = time.monotonic() - self.started if self.started else 0.0
        code = self._kill_all()
        if self.room and self.room.size() > self.room.most:
            ended = Ended.KILLED
        self._say_end(ended, code, seconds)

    def _say_end(self, ended: Ended, code: int, seconds: float) -> None:
        if self.started is None and ended is Ended.EXITED:
            self._hear_ready()
        if self.started is None and ended is not Ended.KILLED:
            why = self.why.decode("utf-8", "replace") or "it ended before the command started"
            self._say({"event": "failed", "why": why, "seconds": seconds})
            return
        self._say({"event": "ended", "ended": ended.value, "code": CODES.get(ended, code), "seconds": seconds})

    def _hear_ready(self) -> None:
        if self.ready < 0:
            return
        heard = os.read(self.ready, 4096)
        if heard.startswith(b"R"):
            self.started = time.monotonic()
            self._say({"event": "started"})
        else:
            self.why = heard[1:]
        self.poll.unregister(self.ready)
        os.close(self.ready)
        self.ready = -1

    def _say(self, message: dict[str, object]) -> None:
        try:
            self.status.send(json.dumps(message).encode())
        except OSError:
            return

    def _patience(self) -> float:
        """Return how long the tree may be left alone: never past its time, and shorter the fuller its memory is."""
        if self.started is None:
            return max(0.0, min(self.setup_ends - time.monotonic(), 1.0))
        left = self.started + self.limits.seconds - time.monotonic()
        headroom = (self.limits.memory << 20) - self.used
        return max(0.0, min(left, max(_SHORTEST, min(_LONGEST, headroom / _FILL_RATE))))

    def _over_limit(self) -> Ended | None:
        now = time.monotonic()
        if self.started is None:
            return Ended.TIMED_OUT if now > self.setup_ends else None
        if now >= self.started + self.limits.seconds:
            return Ended.TIMED_OUT
        most = self.limits.memory << 20
        self.used = sum(map(_resident, _descendants()))
        if self.used > most:
            self.used = sum(map(_proportional, _descendants()))
            if self.used > most:
                return Ended.OUT_OF_MEMORY
        if self.room and now >= self.next_disk:
            self.next_disk = now + _DISK_PERIOD
            if self.room.size() > self.room.most:
                return Ended.KILLED
        return None

    def _kill_all(self) -> int:
        """End every process of the tree and return the command's own code; orphans come to the keeper and end here too."""
        code = 137
        main_is_gone, status = os.waitpid(self.child, os.WNOHANG)
        if main_is_gone:
            code = _code(status)
        while True:
            for pid in reversed(list(_descendants())):
                _kill(pid)
            if self.room:
                self.room.kill_all()
            try:
                pid, status = os.waitpid(-1, 0)
            except ChildProcessError:
                return code
            if pid == self.child:
                code = _code(status)


def _code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _descendants() -> Iterator[int]:
    """Yield all processes under this one; orphans come to it, so none is missed."""
    waiting = [os.getpid()]
    while waiting:
        try:
            tasks = list(os.scandir(f"/proc/{waiting.pop()}/task"))
        except OSError:
            continue
        for task in tasks:
            children = [int(each) for each in _read(f"{task.path}/children").split()]
            yield from children
            waiting += children


def _resident(pid: int) -> int:
    fields = _read(f"/proc/{pid}/statm").split()
    return int(fields[1]) * _PAGE if fields else 0


def _proportional(pid: int) -> int:
    for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) << 10
    return _resident(pid)


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
