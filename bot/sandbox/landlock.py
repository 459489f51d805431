"""The restricted layer, where namespaces are refused: Landlock for files, seccomp for the rest, and limits.

The workspace's copy cannot appear at the workspace's own path; that path is rewritten in the command and its environment to
where the copy lies, and it is the working directory. There is no network at all, not even loopback, and no shared memory.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from bot.sandbox import cell, kernel
from bot.sandbox.order import Order
from bot.sandbox.sandbox import Launch
from bot.sandbox.seccomp import build_filter
from bot.sandbox.staging import Copied, Owner, copy_tree

LEAST_VERSION = 3
"""From here on truncation and renames across directories are covered (Linux 6.2)."""
LEAST_VERSION_FOR_OWN_USER = 6
"""From here on signals and abstract sockets cannot leave the sandbox, which matters where others share its uid (Linux 6.12)."""

_READ_FILE, _READ_DIR, _EXECUTE, _WRITE_FILE, _TRUNCATE = 1 << 2, 1 << 3, 1, 1 << 1, 1 << 14
_READING = _READ_FILE | _READ_DIR | _EXECUTE
_FILE_ONLY = _READ_FILE | _EXECUTE | _WRITE_FILE | _TRUNCATE
_RIGHTS = {3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""All file rights known to an ABI: 15 of them from the third on, device controls from the fifth."""
_NETWORK_VERSION, _SCOPE_VERSION = 4, 6
_BIND_AND_CONNECT, _ABSTRACT_SOCKETS_AND_SIGNALS = 0b11, 0b11
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/alternatives", "/etc/ld.so.cache")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_RULESET = 4
_PAGE = 4096
_ROOM = "pawl-room-"
_IN_MEMORY, _ON_DISK = "/dev/shm", "/tmp"  # noqa: S108 - mkdtemp makes private directories there
_CAP_DAC_READ_SEARCH = 2


@dataclass(frozen=True)
class Room:
    """A private directory on the host for one launch, and whom it belongs to."""

    path: str
    uid: int | None
    most: int
    """Bytes it may hold."""

    def size(self) -> int:
        """Return how many bytes its files take, at least a page each."""
        return sum(_file_size(folder, name) for folder, *names in os.walk(self.path) for name in itertools.chain(*names))

    def kill_all(self) -> None:
        """End every process of the room's own uid at once."""
        if self.uid is None:
            return
        child = os.fork()
        if child == 0:
            try:
                os.setresuid(self.uid, self.uid, self.uid)
                os.kill(-1, signal.SIGKILL)
            finally:
                os._exit(0)
        os.waitpid(child, 0)

    def remove(self) -> None:
        """Delete it with all that lies in it."""
        _delete(self.path)


def _delete(path: str) -> None:
    shutil.rmtree(path, ignore_errors=True)
    if os.geteuid() and Path(path).exists():  # sandboxed code took its directories' permissions away
        for folder, _, _ in os.walk(path, topdown=True):
            _unlock(folder)
        shutil.rmtree(path, ignore_errors=True)


def _unlock(folder: str) -> None:
    for entry in (Path(folder), *Path(folder).iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            entry.chmod(0o700)


def sweep() -> None:
    """Delete rooms whose keepers were killed before they could; those of other users stay."""
    for place in (_IN_MEMORY, _ON_DISK):
        for room in Path(place).glob(f"{_ROOM}*"):
            keeper = room.name.removeprefix(_ROOM).split("-")[0]
            if keeper.isdecimal() and not Path("/proc", keeper).exists():
                _delete(str(room))


def _file_size(folder: str, name: str) -> int:
    try:
        return max(_PAGE, Path(folder, name).lstat().st_blocks * 512)
    except OSError:
        return 0


def make_room(order: Order) -> Room:
    """Make the directory that will hold the workspace's copy, ``/tmp`` and the home directory of one launch."""
    uid = cell.unused_uid() if os.geteuid() == 0 else None
    path = tempfile.mkdtemp(prefix=f"{_ROOM}{os.getpid()}-", dir=_spacious(order.launch.limits.disk << 20))
    for each in (Path(path), *(Path(path, name) for name in ("work", "tmp", "home"))):
        each.mkdir(exist_ok=True)
        if uid is not None:
            os.chown(each, uid, uid)
    try:
        copied = _copy(order.launch, path, uid)
    except BaseException:
        _delete(path)
        raise
    return Room(path, uid, copied.bytes + (order.launch.limits.disk << 20))


def _copy(launch: Launch, room: str, uid: int | None) -> Copied:
    skip = {f"./{os.path.relpath(each, launch.workspace)}" for each in (*launch.read, *launch.write)}
    os.chdir(launch.workspace)
    try:
        return copy_tree(".", f"{room}/work", Owner(uid), skip)
    finally:
        os.chdir("/")


def _spacious(most: int) -> str:
    """Return where to make a room: in memory where there is ample space and programs may run from it, else on disk."""
    try:
        memory = os.statvfs(_IN_MEMORY)
    except OSError:
        return _ON_DISK
    fits = memory.f_bavail * memory.f_frsize > 4 * most and not memory.f_flag & os.ST_NOEXEC
    return _IN_MEMORY if fits and os.access(_IN_MEMORY, os.W_OK) else _ON_DISK


def enter(launch: Launch, room: Room, descriptors: dict[int, int]) -> NoReturn:
    """Turn this process, forked for the purpose, into the restricted command.

    Raises:
        OSError: the kernel's Landlock is too old, or refuses a step.
    """
    version = kernel.landlock_version()
    least = LEAST_VERSION if room.uid is not None else LEAST_VERSION_FOR_OWN_USER
    if version < least:
        raise OSError(f"Landlock version {least} is needed, this kernel has {version}")
    if room.uid is not None and launch.write:
        raise OSError(f"{launch.write[0]} cannot be lent to another user here; run as an ordinary user instead")
    moved = _moved(launch, room)
    ruleset = _ruleset(version)
    _allow(ruleset, version, moved, room)
    os.setsid()
    os.umask(0o022)
    if room.uid is not None:
        _drop(room.uid, keep_reading=not all(_open_to_all(each) for each in launch.read))
    os.chdir(f"{room.path}/work")
    cell.seal()
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    cell.limit(launch.limits, 0 if room.uid is not None else _threads_of(os.getuid()))
    cell.place({**descriptors, _RULESET: ruleset})
    kernel.landlock_enforce(_RULESET)
    os.close(_RULESET)
    kernel.install_filter(build_filter(network=False, own_uid=room.uid is not None))
    env = cell.environment(f"{room.path}/home", f"{room.path}/tmp", moved.env)  # noqa: S108 - a private directory
    command = cell.become(moved.command)
    os.execve(command[0], command, env)  # noqa: S606 - the shell is ours and only reports


def _threads_of(uid: int) -> int:
    """Count a user's threads: without a user namespace the kernel counts them against the same limit."""
    found = 0
    for entry in os.scandir("/proc"):
        try:
            if entry.name.isdecimal() and entry.stat().st_uid == uid:
                found += sum(1 for _ in os.scandir(f"/proc/{entry.name}/task"))
        except OSError:
            continue
    return found


def _moved(launch: Launch, room: Room) -> Launch:
    old, new = str(launch.workspace), f"{room.path}/work"
    return replace(
        launch,
        command=tuple(each.replace(old, new) for each in launch.command),
        env={name: value.replace(old, new) for name, value in launch.env.items()},
    )


def _all_rights(version: int) -> int:
    return _RIGHTS[max(each for each in _RIGHTS if each <= version)]


def _ruleset(version: int) -> int:
    network = _BIND_AND_CONNECT if version >= _NETWORK_VERSION else 0
    scoped = _ABSTRACT_SOCKETS_AND_SIGNALS if version >= _SCOPE_VERSION else 0
    size = 24 if version >= _SCOPE_VERSION else 16 if version >= _NETWORK_VERSION else 8
    return kernel.landlock_ruleset(_all_rights(version), network, scoped, size)


def _allow(ruleset: int, version: int, launch: Launch, room: Room) -> None:
    everything = _all_rights(version)
    for path in (*_SYSTEM, *map(str, launch.read)):
        _allow_path(ruleset, path, _READING)
    for path in _DEVICES:
        _allow_path(ruleset, path, _READ_FILE | _WRITE_FILE)
    for path in (room.path, *map(str, launch.write)):
        _allow_path(ruleset, path, everything)


def _allow_path(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        kernel.landlock_allow(ruleset, rights if Path(path).is_dir() else rights & _FILE_ONLY, descriptor)
    finally:
        os.close(descriptor)


def _open_to_all(path: Path) -> bool:
    real = Path(os.path.realpath(path))
    return all(each.stat().st_mode & 0o1 for each in real.parents) and bool(real.stat().st_mode & 0o4)


def _drop(uid: int, *, keep_reading: bool) -> None:
    """Become ``uid``; where what is to be shown lies behind root-only directories, stay able to pass them.

    Landlock still decides on every file, so this opens nothing beyond what the launch shows.
    """
    if not keep_reading:
        cell.drop_to(uid)
        return
    kernel.prctl(kernel.PR_SET_KEEPCAPS, 1)
    cell.drop_to(uid)
    kernel.keep_capability(_CAP_DAC_READ_SEARCH)
