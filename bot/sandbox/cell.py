"""What every layer does to the process that becomes the command: limits, descriptors, environment, who it runs as."""

from __future__ import annotations

import fcntl
import os
import resource
import signal
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

from bot.sandbox import kernel
from bot.sandbox.sandbox import Limits

PATH = "/usr/local/bin:/usr/bin:/bin"
OPEN_FILES = 1024
OWN_PROCESSES = 3
"""What a layer itself keeps running beside the command."""
READY = 3
"""The descriptor on which the shell says that isolation stands, just before it becomes the command."""
FIRST_FREE = 6
_ADDRESS_HEADROOM = 16 << 30
"""Address space is not memory: the watcher bounds what is really used, this only stops what outruns it."""
_BECOME = 'printf R >&3; exec 3>&-; exec "$@"'
_LAST_UID = 1 << 16
_UID_SPAN = 1 << 20
_UID_BASE = 0x70000000
_SMALL_SPAN = 4096


def become(command: Sequence[str]) -> tuple[str, ...]:
    """Return the command line that reports readiness and becomes ``command``; 127 and 126 where it cannot be started."""
    return ("/bin/sh", "-c", _BECOME, "sh", *command)


def environment(home: str, temporary: str, extra: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of a sandboxed command."""
    return {"PATH": PATH, "HOME": home, "LANG": "C.UTF-8", "TMPDIR": temporary, **extra}


def unused_uid() -> int:
    """Return a uid that nobody has, different for neighbours in time, within what this user namespace maps."""
    mapped = mapped_uids()
    if mapped > _UID_BASE + _UID_SPAN:
        return _UID_BASE + os.getpid() % _UID_SPAN
    span = min(mapped // 2, _SMALL_SPAN)
    return mapped - span + os.getpid() % span


@cache
def mapped_uids() -> int:
    """Return the first uid that this user namespace does not know."""
    table = Path("/proc/self/uid_map").read_text(encoding="utf-8")
    rows = [[int(each) for each in line.split()] for line in table.splitlines()]
    return max((inside + count for inside, _, count in rows), default=_LAST_UID)


def limit(limits: Limits, neighbours: int = 0) -> None:
    """Set the limits that the kernel keeps for each process by itself.

    Args:
        limits: the launch's.
        neighbours: threads outside the sandbox that the kernel counts together with those inside.
    """
    disk = limits.disk << 20
    cpu = int(limits.seconds * (os.cpu_count() or 1)) + 5
    for kind, most in (
        (resource.RLIMIT_AS, (limits.memory << 20) + _ADDRESS_HEADROOM),
        (resource.RLIMIT_FSIZE, disk),
        (resource.RLIMIT_NPROC, limits.processes + OWN_PROCESSES + neighbours),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_MEMLOCK, 64 << 10),
        (resource.RLIMIT_NICE, 0),
        (resource.RLIMIT_RTPRIO, 0),
    ):
        _, ceiling = resource.getrlimit(kind)
        bounded = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
        resource.setrlimit(kind, (bounded, bounded))


def drop_to(uid: int) -> None:
    """Become ``uid`` for real, in every slot, without supplementary groups."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def seal() -> None:
    """Give up what could be inherited: privileges to be gained, keys, signal settings, a chance against the OOM killer."""
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.fresh_session_keyring()
    for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def place(descriptors: Mapping[int, int]) -> None:
    """Leave exactly the given descriptors (target number -> present number) open."""
    high = max([FIRST_FREE, *descriptors]) + 1
    moved = {target: _dup_above(source, high) for target, source in descriptors.items()}
    for target, source in moved.items():
        os.dup2(source, target, inheritable=True)
    for low, above in pairwise([-1, *sorted(moved), _most_descriptors()]):
        if low + 1 < above:  # CPython closes everything where a range is empty
            os.closerange(low + 1, above)


def _dup_above(descriptor: int, least: int) -> int:
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, least)


def _most_descriptors() -> int:
    return max(int(each.name) for each in os.scandir("/proc/self/fd")) + 1
