"""Who holds a lease: enough about a process to tell, on the same machine, that it is gone."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True)
class Holder:
    """One process, told apart from every other one that ever had its number."""

    host: str
    pid: int
    boot: str = ""
    """The kernel's id of this boot; empty where it gives none."""
    namespace: str = ""
    """The process-number space: two containers on one machine share the boot but not this."""
    started: str = ""
    """Clock ticks from boot to the process' start."""

    def is_gone(self) -> bool:
        """Whether the process certainly ended; False also where that cannot be known from here."""
        here = current()
        if not here.boot or (self.boot, self.namespace) != (here.boot, here.namespace):
            return self.boot != here.boot and self.host == here.host and bool(self.boot and here.boot)
        return _started(self.pid) != self.started

    def as_text(self) -> str:
        """Return the holder as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Holder:
        """Return what :meth:`as_text` wrote."""
        return cls(**json.loads(text))

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


def current() -> Holder:
    """Return this process."""
    boot, namespace, host = _machine()
    pid = os.getpid()
    return Holder(host, pid, boot, namespace, _started(pid))


@cache
def _machine() -> tuple[str, str, str]:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = str((_PROC / "self/ns/pid").readlink())
    except OSError:
        return "", "", socket.gethostname()
    return boot, namespace, socket.gethostname()


def _started(pid: int) -> str:
    """Return when a process started, or '' where there is none that still runs."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The second field is the program's name in brackets and may hold anything; field 3 is the state, field 22 the start.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in {"Z", "X"} else fields[19]
