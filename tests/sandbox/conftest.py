"""The sandboxes this machine can give, and a host with things worth stealing."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import coverage
import pytest

from bot.sandbox import launcher
from bot.sandbox.bubblewrap import find_bwrap
from bot.sandbox.isolated import Isolated
from bot.sandbox.kernel import landlock_version
from bot.sandbox.landlock import LEAST_VERSION, LEAST_VERSION_FOR_OWN_USER
from bot.sandbox.launcher import ZYGOTE, Zygote
from bot.sandbox.probe import base_interpreter
from bot.sandbox.sandbox import Launch, Layer, Limits

ORDINARY_USER = 61234
AS_ROOT = os.geteuid() == 0


LIMITS = Limits(seconds=30.0)


@dataclass(frozen=True)
class Jail:
    """One layer under test, with an interpreter that can run in it."""

    name: str
    sandbox: Isolated
    python: str
    read: tuple[Path, ...]
    uid: int
    """Whom Pawl's side of it runs as."""

    @property
    def restricted(self) -> bool:
        return self.sandbox.layer is Layer.RESTRICTED

    def launch(self, code: str, workspace: Path, limits: Limits = LIMITS, **env: str) -> Launch:
        return Launch((self.python, "-I", "-S", "-c", code), workspace, self.read, env=env, limits=limits)


@pytest.fixture(scope="session", autouse=True)
def measured(pytestconfig: pytest.Config) -> Iterator[None]:
    """Where coverage is measured, measure zygotes and what they fork too."""
    active = coverage.Coverage.current()
    if active is None:
        yield
        return
    script, site = Path(__file__).with_name("covered_zygote.py"), str(Path(coverage.__file__).parents[1])
    folder = Path(tempfile.mkdtemp(prefix="pawl-coverage-", dir="/var/tmp"))
    folder.chmod(0o777)
    given = [site, str(folder / ".coverage.zygote"), str(Path(__file__).parents[2] / "pyproject.toml")]
    start = f"import sys; sys.argv += {given!r}; exec(compile(open({str(script)!r}).read(), {str(script)!r}, 'exec'))"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(launcher, "_START", start)
        ZYGOTE.stop()
        yield
        ZYGOTE.stop()
    for each in folder.iterdir():
        shutil.copyfile(each, pytestconfig.rootpath / each.name)  # beside the others, wherever a test left this process
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def ordinary() -> Iterator[Zygote]:
    """A zygote without privileges, whoever runs the tests."""
    if not AS_ROOT:
        yield ZYGOTE
        return
    zygote = Zygote(ORDINARY_USER)
    yield zygote
    zygote.stop()


LAYERS = ("bubblewrap-dropped", "bubblewrap", "restricted-dropped", "restricted")


@pytest.fixture(scope="session", params=LAYERS)
def jail(request: pytest.FixtureRequest, ordinary: Zygote) -> Jail:
    """Each layer that this machine and this user can have."""
    kind, _, dropped = str(request.param).partition("-")
    if dropped and not AS_ROOT:
        pytest.skip("only root can change to another uid")
    bwrap = find_bwrap()
    if kind == "bubblewrap" and not bwrap:
        pytest.skip("bubblewrap is not installed")
    least = LEAST_VERSION if dropped else LEAST_VERSION_FOR_OWN_USER
    if kind == "restricted" and landlock_version() < least:
        pytest.skip(f"this kernel has no Landlock of version {least}")
    python, read = _interpreter(anybody=AS_ROOT and not dropped)
    layers = {"bubblewrap": Layer.BUBBLEWRAP, "bubblewrap-dropped": Layer.BUBBLEWRAP_DROPPED}
    sandbox = Isolated(layers.get(request.param, Layer.RESTRICTED), bwrap or "", ZYGOTE if dropped else ordinary)
    jail = Jail(request.param, sandbox, python, read, ORDINARY_USER if AS_ROOT and not dropped else os.geteuid())
    if kind == "bubblewrap" and not dropped and _user_namespaces_refused():
        pytest.skip("this machine refuses user namespaces to ordinary users")
    return jail


def _user_namespaces_refused() -> bool:
    user: dict[str, Any] = {"user": ORDINARY_USER, "group": ORDINARY_USER, "extra_groups": []} if AS_ROOT else {}
    command = ["/usr/bin/unshare", "--user", "--map-current-user", "/bin/true"]
    return subprocess.run(command, check=False, capture_output=True, **user).returncode != 0


def _interpreter(*, anybody: bool) -> tuple[str, tuple[Path, ...]]:
    """Return an interpreter; for ``anybody`` one that does not lie behind directories of root's."""
    own = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    if not anybody or all(each.stat().st_mode & 0o1 for each in Path(own).parents):
        return own, base_interpreter()
    system = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if system is None:
        pytest.skip("the only interpreter lies where ordinary users cannot go")
    return system, ()


@dataclass(frozen=True)
class Host:
    """Things worth stealing or breaking."""

    folder: Path
    workspace: Path
    sleeper: subprocess.Popen[bytes]
    targets: dict[str, object]

    def arguments(self, jail: Jail) -> str:
        shown = str(jail.read[0]) if jail.read else "/usr"
        return json.dumps({**self.targets, "shown": shown})


@pytest.fixture
def host(jail: Jail) -> Iterator[Host]:
    """A secret, a folder, sockets and a process, all of the user that Pawl's side of the sandbox runs as."""
    folder = Path(tempfile.mkdtemp(prefix="pawl-host-"))
    token = f"pawl-sleeper-{os.getpid()}"
    shm = Path("/dev/shm", token)
    workspace = folder / "workspace"
    user: dict[str, Any] = {"user": jail.uid, "group": jail.uid, "extra_groups": []} if AS_ROOT and jail.uid else {}
    code = f"import time; time.sleep(600)  # {token}"
    env = {"PAWL_CANARY": "PAWL_CANARY"}
    sleeper = subprocess.Popen([jail.python if user else sys.executable, "-I", "-S", "-c", code], env=env, **user)
    with (
        socket.create_server(("127.0.0.1", 0)) as four,
        _loopback6() as six,
        socket.socket(socket.AF_UNIX) as abstract,
        socket.socket(socket.AF_UNIX) as named,
    ):
        abstract.bind(f"\0{token}")
        named.bind(str(folder / "socket"))
        for each in (abstract, named):
            each.listen()
        secret = folder / "secret"
        for path in (secret, shm):
            path.write_text("PAWL_CANARY")
        _fill(workspace, secret)
        for path in (folder, secret, shm, folder / "socket", workspace, *workspace.iterdir()):
            if AS_ROOT:
                os.chown(path, jail.uid, jail.uid, follow_symlinks=False)
        folder.chmod(0o755)
        yield Host(
            folder,
            workspace,
            sleeper,
            {
                "folder": str(folder),
                "tmp": str(folder),
                "secret": str(secret),
                "shm": str(shm),
                "socket": str(folder / "socket"),
                "abstract": token,
                "token": token,
                "pid": sleeper.pid,
                "port": four.getsockname()[1],
                "port6": six.getsockname()[1],
            },
        )
    sleeper.kill()
    sleeper.wait()
    shm.unlink()
    shutil.rmtree(folder)


def _loopback6() -> socket.socket:
    try:
        return socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        return socket.create_server(("127.0.0.1", 0))


def _fill(workspace: Path, secret: Path) -> None:
    workspace.mkdir()
    (workspace / "kept.txt").write_text("kept")
    (workspace / "inner").symlink_to("kept.txt")
    (workspace / "link").symlink_to(secret)
    (workspace / "folder").symlink_to(secret.parent)
