"""A process that runs the project's code, as its parent sees it: a sealed channel, a watch on its time, a sure end."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import signal
import time
from collections.abc import Callable
from typing import Any

from . import fence, testrun, wire

_GRACE = 1.5
"""A worker that has used this much more than its limit is ended from outside."""


def _seals() -> tuple[wire.Seal, wire.Seal]:
    """Return new marks for what a worker says and for what it is answered; the key itself is kept nowhere."""
    key = secrets.token_bytes(32)
    return wire.Seal(key, b"said"), wire.Seal(key, b"answered")


class Worker:
    """A forked process with a channel to it."""

    def __init__(self, life: Callable[[testrun.Channel], None], close: list[int]) -> None:
        out_read, out_write = (fence.private(each) for each in os.pipe())
        back_read, back_write = (fence.private(each) for each in os.pipe())
        said, answered = _seals()
        self.pid = fence.fork()
        if self.pid == 0:
            self._live(life, [*close, out_read, back_write], testrun.Channel(out_write, back_read, said, answered))
        os.close(out_write)
        os.close(back_read)
        self.inbox = wire.Inbox(out_read, said)
        self._back, self._seal = back_write, answered
        self.status: int | None = None

    @staticmethod
    def _live(life: Callable[[testrun.Channel], None], close: list[int], channel: testrun.Channel) -> None:
        code = 70
        try:
            os.setsid()
            fence.die_with_parent()
            for each in close:
                os.close(each)
            fence.guard(channel.out, channel.back)
            fence.readable(yes=True)
            life(channel)
            code = 0
        except BaseException:
            code = 71
        finally:
            fence.leave(code)

    def answer(self, message: wire.Message) -> None:
        """Answer a worker that asked."""
        try:
            wire.send(self._back, message, self._seal)
        except OSError:
            return

    def cpu(self) -> float:
        """Return the CPU time it has used, or 0 where it is gone."""
        try:
            return fence.cpu_of(self.pid)
        except OSError:
            return 0.0

    def listen(self, seconds: float) -> list[wire.Message]:
        """Return what it said within that time, at once where there is something."""
        ready, _, _ = select.select([self.inbox.descriptor], [], [], seconds)
        return self.inbox.read() if ready else []

    def end(self) -> int:
        """Kill it with all that stayed in its group, and return its wait status."""
        if self.status is None:
            with contextlib.suppress(OSError):
                os.killpg(self.pid, signal.SIGKILL)
            _, self.status = os.waitpid(self.pid, 0)
            os.close(self.inbox.descriptor)
            os.close(self._back)
        return self.status


class Watch:
    """Says whether a worker has been at one thing for too long: by CPU time, and by the clock only where it idles."""

    def __init__(self, worker: Any) -> None:
        self._worker = worker
        self.begin(1e9, 1e9)

    def begin(self, cpu: float, idle: float) -> None:
        """Start anew with a limit of CPU seconds, and of seconds by the clock without any use of the CPU."""
        self._limit, self._idle = cpu, idle
        self._start = self._seen = self._worker.cpu()
        self._moved = time.monotonic()

    def over(self) -> bool:
        """Say whether a limit is passed."""
        now, used = time.monotonic(), self._worker.cpu()
        if used - self._seen > 0.005 * (now - self._moved):
            self._seen, self._moved = used, now
        return used - self._start > self._limit * _GRACE + 0.2 or now - self._moved > self._idle


def ended(status: int) -> str:
    """Say in words how a process ended."""
    if os.WIFSIGNALED(status):
        return f"signal {os.WTERMSIG(status)}"
    return f"exit code {os.WEXITSTATUS(status)}"
