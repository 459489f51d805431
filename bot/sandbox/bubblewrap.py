"""The bubblewrap layer: a private mount namespace is staged first, then bubblewrap builds the sandbox from it.

Staging makes one sized tmpfs that holds the workspace's copy, ``/tmp``, ``/dev/shm`` and the home directory, so one limit
bounds them all and nothing is left to clean up. Started by root, everything is staged as root, then the process changes for
good to a uid nobody has, and only then becomes bubblewrap: bubblewrap run by real root leaves ``core_pattern`` and other
doors open.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NoReturn

from bot.sandbox import cell, kernel
from bot.sandbox.sandbox import Launch, Layer
from bot.sandbox.seccomp import build_filter
from bot.sandbox.staging import Owner, copy_tree

PLACES = ("/usr/bin/bwrap", "/bin/bwrap", "/usr/local/bin/bwrap", "/run/current-system/sw/bin/bwrap")
_ARGUMENTS, _FILTER = 4, 5
_STAGE = "/tmp"  # noqa: S108 - covered by a tmpfs in a mount namespace of its own
_DISK = f"{_STAGE}/disk"
_ETC = f"{_STAGE}/etc"
_EMPTY = f"{_STAGE}/empty"
HOME = "/home/sandbox"
_INSIDE_UID = 1000
_SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_MASKED_FILES = ("kcore", "keys", "key-users", "kallsyms", "kmsg", "timer_list", "latency_stats", "sched_debug")
"""Beside these, what root alone may read is out of reach for want of root."""
_MASKED_FOLDERS = ("acpi", "asound", "scsi")
_ETC_FILES = {
    "passwd": f"root:x:0:0:root:/root:/bin/sh\nsandbox:x:{_INSIDE_UID}:{_INSIDE_UID}:sandbox:{HOME}:/bin/sh\n",
    "group": f"root:x:0:\nsandbox:x:{_INSIDE_UID}:\n",
    "hosts": "127.0.0.1 localhost sandbox\n::1 localhost sandbox\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
_FILES_PER_MIB = 256
"""As many files as would fit if each took one page."""


@dataclass(frozen=True)
class _Shown:
    """A path of the host as the sandbox shows it."""

    staged: str
    path: str
    writable: bool


def find_bwrap() -> str | None:
    """Return where bubblewrap is installed; looked for in fixed places, since ``PATH`` may name a hostile directory."""
    return next((each for each in PLACES if os.access(each, os.X_OK)), None)


def enter(launch: Launch, layer: Layer, bwrap: str, descriptors: dict[int, int]) -> NoReturn:
    """Turn this process, forked for the purpose, into the sandboxed command.

    Args:
        launch: what to run.
        layer: whether to drop root's uid first.
        bwrap: path of the program.
        descriptors: 0, 1, 2 and :data:`~bot.sandbox.cell.READY`, as target number -> present number.

    Raises:
        OSError: the kernel refuses a step.
        TooLarge: the workspace cannot be copied.
    """
    uid = cell.unused_uid() if layer is Layer.BUBBLEWRAP_DROPPED else None
    if uid is None:
        _own_user_namespace()
    else:
        kernel.unshare(kernel.CLONE_NEWNS)
    kernel.mount("", "/", flags=kernel.MS_REC | kernel.MS_SLAVE)
    shown = _stage(launch, uid)
    arguments = b"\0".join(os.fsencode(each) for each in _arguments(launch, shown)) + b"\0"
    given = {
        **descriptors,
        _ARGUMENTS: _in_memory("arguments", arguments),
        _FILTER: _in_memory("filter", _filter()),
    }
    if uid is not None:
        cell.drop_to(uid)
    cell.seal()
    cell.limit(launch.limits)
    command = (bwrap, "--args", str(_ARGUMENTS), "--", *cell.become(launch.command))
    cell.place(given)
    os.execve(bwrap, command, {})  # noqa: S606 - there is no shell in between on purpose


def _own_user_namespace() -> None:
    uid, gid = os.geteuid(), os.getegid()
    kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        Path(f"/proc/self/{name}").write_text(text, encoding="utf-8")


def _stage(launch: Launch, uid: int | None) -> list[_Shown]:
    """Fill a tmpfs over ``/tmp`` with all the sandbox will show; sources are opened before that hides any of them."""
    workspace = os.path.realpath(launch.workspace)
    workspace_names = names(launch.workspace)
    wanted = [(path, False) for path in launch.read] + [(path, True) for path in launch.write]
    opened = [(os.open(path, os.O_PATH | os.O_CLOEXEC), names(path), writable) for path, writable in wanted]
    source = os.open(workspace, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    kernel.mount("tmpfs", _STAGE, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=4m,mode=0755")
    shown: list[_Shown] = []
    for number, (descriptor, paths, writable) in enumerate(opened):
        shown += _stage_path(f"{_STAGE}/{number}", descriptor, paths, uid, writable=writable)
    _stage_disk(launch, source, workspace, uid)
    _stage_etc()
    return shown + [_Shown(f"{_DISK}/work", path, writable=True) for path in workspace_names]


def names(path: Path) -> tuple[str, ...]:
    """Return the absolute paths under which ``path`` is shown: as it was given and, where links lead elsewhere, as it lies."""
    return tuple(dict.fromkeys((str(path), os.path.realpath(path))))


def _stage_path(staged: str, source: int, paths: tuple[str, ...], uid: int | None, *, writable: bool) -> list[_Shown]:
    status = os.fstat(source)
    if stat.S_ISDIR(status.st_mode):
        Path(staged).mkdir()
    else:
        Path(staged).touch()
    origin = f"/proc/self/fd/{source}"
    mapped = uid is not None and _needs_mapping(status, writable=writable) and _bind_as(uid, status, origin, staged)
    if writable and uid is not None and not mapped:
        raise OSError(f"{paths[0]} lies on a file system that cannot lend it to another user; run as an ordinary user instead")
    if not mapped:
        kernel.mount(origin, staged, flags=kernel.MS_BIND | kernel.MS_REC)
    os.close(source)
    return [_Shown(staged, path, writable) for path in paths]


def _needs_mapping(status: os.stat_result, *, writable: bool) -> bool:
    for_others = 0o5 if stat.S_ISDIR(status.st_mode) else 0o4
    return writable or status.st_mode & for_others != for_others


def _bind_as(uid: int, status: os.stat_result, origin: str, staged: str) -> bool:
    """Show files of the directory's owner as ``uid``'s; False where the file system cannot."""
    userns = _mapping_namespace(status.st_uid, status.st_gid, uid)
    try:
        kernel.bind_mapped(origin, staged, userns)
    except OSError:
        return False
    finally:
        os.close(userns)
    return True


def _mapping_namespace(owner: int, group: int, uid: int) -> int:
    """Return a user namespace that shows ``owner``'s files as ``uid``'s, made by a child that ends at once."""
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        try:
            kernel.unshare(kernel.CLONE_NEWUSER)
            os.write(ready[1], b".")
            os.close(go[1])
            os.read(go[0], 1)
        finally:
            os._exit(0)
    os.close(ready[1])
    os.read(ready[0], 1)
    try:
        for name, first in (("uid_map", owner), ("gid_map", group)):
            Path(f"/proc/{child}/{name}").write_text(f"{first} {uid} 1", encoding="utf-8")
        return os.open(f"/proc/{child}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        for each in (ready[0], go[0], go[1]):
            os.close(each)
        os.waitpid(child, 0)


def _stage_disk(launch: Launch, source: int, workspace: str, uid: int | None) -> None:
    """Make the one sized tmpfs: room for the copy while it is made, then the copy and ``limits.disk`` on top."""
    flags = kernel.MS_NOSUID | kernel.MS_NODEV
    Path(_DISK).mkdir()
    kernel.mount("tmpfs", _DISK, "tmpfs", flags, "mode=0755,size=8g,nr_inodes=4m")
    owner = Owner(uid)
    for name, mode in (("work", 0o755), ("tmp", 0o1777), ("shm", 0o1777), ("home", 0o700)):
        path = Path(_DISK, name)
        path.mkdir()
        path.chmod(mode)
        if uid is not None:
            os.chown(path, uid, uid)
    skip = {name for each in (*launch.read, *launch.write) for name in names(each)}
    os.fchdir(source)
    copied = copy_tree(".", f"{_DISK}/work", owner, skip={_relative(each, workspace) for each in skip})
    os.chdir("/")
    used = os.statvfs(_DISK)
    size = (used.f_blocks - used.f_bfree) * used.f_frsize + (launch.limits.disk << 20)
    inodes = copied.files + launch.limits.disk * _FILES_PER_MIB
    kernel.mount("tmpfs", _DISK, "tmpfs", flags | kernel.MS_REMOUNT, f"size={size},nr_inodes={inodes}")


def _relative(path: str, workspace: str) -> str:
    return f".{path[len(workspace) :]}" if path.startswith(f"{workspace}/") else path


def _stage_etc() -> None:
    for path in (_EMPTY, _ETC, f"{_ETC}/alternatives"):
        Path(path).mkdir()
    for name, text in _ETC_FILES.items():
        _write(f"{_ETC}/{name}", text.encode())
    cache = Path("/etc/ld.so.cache")
    if cache.exists():
        _write(f"{_ETC}/ld.so.cache", cache.read_bytes())


def _write(path: str, content: bytes) -> None:
    Path(path).write_bytes(content)
    Path(path).chmod(0o644)


def _in_memory(name: str, content: bytes) -> int:
    descriptor = os.memfd_create(name)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def warm_up() -> None:
    """Work out once what is the same for every launch, before the first one is forked off."""
    _fixed_arguments()
    _filter()
    cell.mapped_uids()


@cache
def _filter() -> bytes:
    return build_filter(network=True, own_uid=True)


def _arguments(launch: Launch, shown: list[_Shown]) -> Iterator[str]:
    yield from _fixed_arguments()
    places = {"tmp": "/tmp", "shm": "/dev/shm", "home": HOME}  # noqa: S108 - the sandbox's own
    room = [_Shown(f"{_DISK}/{name}", path, writable=True) for name, path in places.items()]
    for each in sorted([*room, *shown], key=lambda one: one.path.rstrip("/").count("/")):
        yield from ("--bind" if each.writable else "--ro-bind", each.staged, each.path)
    yield from ("--remount-ro", "/dev", "--remount-ro", "/", "--clearenv")
    for name, value in cell.environment(HOME, "/tmp", launch.env).items():  # noqa: S108 - the sandbox's own
        yield from ("--setenv", name, value)
    yield from ("--chdir", str(launch.workspace))


@cache
def _fixed_arguments() -> tuple[str, ...]:
    return (
        *("--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"),
        *("--disable-userns", "--assert-userns-disabled", "--die-with-parent", "--new-session", "--hostname", "sandbox"),
        *("--uid", str(_INSIDE_UID), "--gid", str(_INSIDE_UID), "--seccomp", str(_FILTER)),
        *_system(),
        *("--proc", "/proc", "--dev", "/dev"),
        *_masks(),
    )


def _system() -> Iterator[str]:
    yield from ("--ro-bind", "/usr", "/usr", "--ro-bind", _ETC, "/etc")
    for name in _SYSTEM:
        path = Path("/", name)
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))
    if Path("/etc/alternatives").is_dir():
        yield from ("--ro-bind", "/etc/alternatives", "/etc/alternatives")


def _masks() -> Iterator[str]:
    yield from ("--ro-bind", "/proc/sys", "/proc/sys")
    for name in _MASKED_FILES:
        if Path("/proc", name).exists():
            yield from ("--ro-bind", "/dev/null", f"/proc/{name}")
    for name in _MASKED_FOLDERS:
        if Path("/proc", name).is_dir():
            yield from ("--ro-bind", _EMPTY, f"/proc/{name}")
