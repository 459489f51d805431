"""Pick the sandbox: the first layer that keeps its promises when canary probes are run through the exact command.

No versions are compared. A layer is taken because a program inside it could not do harm just now, on this machine.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import Fault, NoIsolation
from bot.sandbox.bubblewrap import find_bwrap
from bot.sandbox.isolated import Isolated
from bot.sandbox.sandbox import Ended, Launch, Layer, Limits, Sandbox

_ADVICE = "apt-get install bubblewrap (or your distribution's package of that name)"
_PROBE_SECONDS = 20.0
_SWITCHES = (
    ("kernel.apparmor_restrict_unprivileged_userns", "1", "AppArmor restricts user namespaces"),
    ("kernel.unprivileged_userns_clone", "0", "user namespaces are switched off for ordinary users"),
    ("user.max_user_namespaces", "0", "user namespaces are switched off"),
)
"""Settings of the kernel that refuse what bubblewrap needs: name, refusing value, reason."""
_ALLOWING = {"0": "1", "1": "0"}
_CANARY = r"""
import ctypes, json, os, socket, sys
secret, outside, port, workspace = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
escapes = []
def attempt(name, act):
    try:
        if act() is not False:
            escapes.append(name)
    except OSError:
        pass
def connect():
    with socket.socket() as one:
        one.settimeout(1)
        one.connect(("127.0.0.1", port))
def connect_abstract():
    with socket.socket(socket.AF_UNIX) as one:
        one.connect("\0" + str(port))
def has_secret(path):
    return b"PAWL_CANARY" in open(path, "rb").read()
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    return libc.syscall(number, *arguments) >= 0
x86 = os.uname().machine == "x86_64"
attempt("reached the host's network", connect)
attempt("reached a socket of the host", connect_abstract)
attempt("read a file of the host", lambda: open(secret).read())
try:
    open(outside, "w").write("x")
except OSError:
    pass
attempt("read the host's environment", lambda: has_secret("/proc/1/environ") or has_secret("/proc/%d/environ" % os.getppid()))
attempt("saw the host's environment", lambda: "PAWL_CANARY" in os.environ)
attempt("made a namespace", lambda: call(272 if x86 else 97, 0x10000000))
attempt("used bpf", lambda: call(321 if x86 else 280, 0, None, 0))
attempt("changed the core pattern", lambda: open("/proc/sys/kernel/core_pattern", "r+"))
attempt("kept privileges", lambda: "NoNewPrivs:\t1" not in open("/proc/self/status").read())
open(os.path.join(workspace, "planted"), "w").write("x")
print(json.dumps(escapes))
"""


@dataclass(frozen=True)
class Report:
    """What probing found: the sandbox, if any, and why each stronger layer was refused."""

    sandbox: Isolated | None
    refused: tuple[tuple[Layer, str], ...] = field(default=())

    def why_not(self) -> str:
        """Return one sentence on what was refused, with advice; empty where the strongest layer stands."""
        if not self.refused:
            return ""
        reasons = "; ".join(f"{layer.value}: {reason}" for layer, reason in self.refused)
        return f"{_advice()} ({reasons})"


_LOCK = threading.Lock()
_FOUND: dict[int, Report] = {}


def find_sandbox() -> Sandbox:
    """Return the strongest sandbox this machine can give; probed once per process.

    Raises:
        NoIsolation: none isolates enough, with advice and each layer's reason.
    """
    return find_isolation()


def find_isolation() -> Isolated:
    """Return what :func:`find_sandbox` does, able to stream as well."""
    report = examine()
    if report.sandbox is None:
        raise NoIsolation(f"Nothing was run, because no sandbox isolates enough here: {report.why_not()}")
    return report.sandbox


def examine() -> Report:
    """Probe the layers, strongest first, until one stands; remembered for this process."""
    with _LOCK:
        uid = os.geteuid()
        if uid not in _FOUND:
            _FOUND[uid] = _examine(candidates())
        return _FOUND[uid]


def candidates() -> tuple[Isolated | str, ...]:
    """Return the layers to try in order; a text says why the strongest cannot even be tried."""
    layer = Layer.BUBBLEWRAP_DROPPED if os.geteuid() == 0 else Layer.BUBBLEWRAP
    bwrap = find_bwrap()
    first: Isolated | str = Isolated(layer, bwrap) if bwrap else "bubblewrap is not installed"
    return first, Isolated(Layer.RESTRICTED)


def _examine(layers: tuple[Isolated | str, ...]) -> Report:
    refused: list[tuple[Layer, str]] = []
    if not sys.platform.startswith("linux"):
        return Report(None, ((Layer.BUBBLEWRAP, "it needs Linux"),))
    for sandbox in layers:
        if isinstance(sandbox, str):
            refused.append((Layer.BUBBLEWRAP, sandbox))
            continue
        reason = why_refused(sandbox)
        if not reason:
            return Report(sandbox, tuple(refused))
        refused.append((sandbox.layer, reason))
    return Report(None, tuple(refused))


def _advice() -> str:
    if find_bwrap() is None:
        return f"bubblewrap is missing: {_ADVICE}"
    return f"bubblewrap is installed, but {_obstacle()}"


def _obstacle() -> str:
    """Return the likeliest reason why namespaces are refused, and the setting that allows them."""
    for setting, refusing, why in _SWITCHES:
        switch = Path("/proc/sys", setting.replace(".", "/"))
        if switch.exists() and switch.read_text(encoding="utf-8").strip() == refusing:
            return f"{why}: sudo sysctl -w {setting}={_ALLOWING[refusing]}"
    return "the kernel or a container refuses what it needs: allow unprivileged user namespaces"


def why_refused(sandbox: Sandbox) -> str:
    """Return what a program inside ``sandbox`` could do that it must not, or why it could not be run; empty if sound."""
    with _bait() as (workspace, arguments, read):
        python = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
        command = (python, "-I", "-S", "-c", _CANARY, *arguments)
        try:
            escapes = _escapes(sandbox, Launch(command, workspace, read, limits=Limits(_PROBE_SECONDS)))
            marks = {"wrote to the workspace itself": workspace / "planted", "wrote to the host": Path(arguments[1])}
            reached = [escapes, *(what for what, mark in marks.items() if mark.exists())]
            return ", ".join(filter(None, reached)) or _unbounded(sandbox, workspace)
        except Fault as error:
            return str(error)


def _escapes(sandbox: Sandbox, launch: Launch) -> str:
    done = sandbox.run(launch)
    if done.code:
        return f"the probe ended with {done.code}: {done.stderr.decode('utf-8', 'replace').strip()[-200:]}"
    return ", ".join(json.loads(done.stdout))


def _unbounded(sandbox: Sandbox, workspace: Path) -> str:
    done = sandbox.run(Launch(("/bin/sleep", "20"), workspace, limits=Limits(seconds=0.01)))
    return "" if done.ended is Ended.TIMED_OUT else "the time limit did not hold"


@contextmanager
def _bait() -> Iterator[tuple[Path, tuple[str, ...], tuple[Path, ...]]]:
    """Lay out what a canary will try to reach: a secret, a place to write, a listener on loopback and an abstract socket."""
    folder = Path(tempfile.mkdtemp(prefix="pawl-probe-"))
    try:
        with socket.socket() as listener, socket.socket(socket.AF_UNIX) as abstract:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            port = listener.getsockname()[1]
            abstract.bind(f"\0{port}")
            abstract.listen()
            secret, workspace = folder / "secret", folder / "workspace"
            secret.write_text("PAWL_CANARY")
            secret.chmod(0o644)
            folder.chmod(0o755)
            workspace.mkdir()
            arguments = (str(secret), str(folder / "outside"), str(port), str(workspace))
            yield workspace, arguments, base_interpreter()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def base_interpreter() -> tuple[Path, ...]:
    """Return the directories to show so that the interpreter under Pawl's own virtual environment runs; none where /usr does."""
    prefixes = (Path(sys.base_prefix), Path(sys.base_exec_prefix))
    return tuple(dict.fromkeys(each for each in prefixes if not each.is_relative_to("/usr")))
