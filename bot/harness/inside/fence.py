"""What keeps tested code from its judge: private descriptors, memory that cannot be read, limits on time and memory."""

from __future__ import annotations

import ctypes
import fcntl
import os
import resource
import signal
import time
from collections.abc import Callable
from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_FIRST_PRIVATE = 200
_PROCESS_CLOCK = 2

_secret: list[int] = []
_own_fork = False


def private(descriptor: int) -> int:
    """Move a descriptor out of the way of tested code; programs it starts do not inherit it."""
    high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FIRST_PRIVATE)
    os.close(descriptor)
    return high


def silence() -> None:
    """Point standard input, output and error to nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)


def readable(*, yes: bool) -> None:
    """Let other processes of this user read this one's memory, or not."""
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, int(yes), 0, 0, 0)


def die_with_parent() -> None:
    """Have the kernel end this process when the one that made it is gone."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def guard(*descriptors: int) -> None:
    """Close these in every process that tested code forks from here on."""
    if not _secret:
        os.register_at_fork(after_in_child=_close_secret)
    _secret[:] = descriptors


def _close_secret() -> None:
    if _own_fork:
        return
    for descriptor in _secret:
        try:
            os.close(descriptor)
        except OSError:
            continue
    _secret.clear()


def fork() -> int:
    """Fork a process of our own, which keeps the guarded descriptors."""
    global _own_fork  # noqa: PLW0603 - read by the hook that runs between fork and return
    _own_fork = True
    try:
        return os.fork()
    finally:
        _own_fork = False


def cpu_of(pid: int) -> float:
    """Return the CPU time, in seconds, that a process has used so far; raises OSError once it is gone.

    The clock's number is what ``clock_getcpuclockid(3)`` computes.
    """
    return time.clock_gettime((~pid << 3) | _PROCESS_CLOCK)


def limit_memory(mebibytes: int) -> None:
    """Let this process map that much more memory than it has now; a MemoryError follows."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            now = int(file.read().split()[0]) * resource.getpagesize()
    except (OSError, ValueError):
        now = 256 << 20
    most = now + (mebibytes << 20)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def alarm(seconds: float, late: Callable[[int, Any], Any]) -> None:
    """Have ``late`` called once this process has used that much more CPU time, and again every half second."""
    signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.5)


def rest() -> None:
    """Take the alarm back."""
    signal.setitimer(signal.ITIMER_PROF, 0.0)


def leave(code: int = 0) -> None:
    """End this process at once: no exit hooks, no flushing."""
    os._exit(code)
