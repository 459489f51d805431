"""Copy a workspace into a sandbox: symlinks as symlinks, no sockets, devices or pipes, no set-id bits, nothing followed."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection
from dataclasses import dataclass

_AT_ONCE = 1 << 24
_NO_FOLLOW = os.O_NOFOLLOW | os.O_CLOEXEC
_MAX_DEPTH = 200


@dataclass
class Copied:
    """What was copied, to size the room it lies in."""

    files: int = 0
    bytes: int = 0


class TooLarge(Exception):
    """The workspace holds more than a sandbox copies."""


@dataclass(frozen=True)
class Owner:
    """Whom the copy belongs to; None leaves it with whoever copies."""

    uid: int | None


def copy_tree(source: str, target: str, owner: Owner, skip: Collection[str] = (), most: int = 4 << 30) -> Copied:
    """Copy what lies in directory ``source`` into the existing directory ``target``.

    Directories named in ``skip`` (absolute paths) come out empty. What cannot be read is left out: it could not be read in
    place either.

    Args:
        source: absolute path.
        target: absolute path.
        owner: whom the copies belong to.
        skip: places that something else will be mounted on.
        most: bytes beyond which copying stops.

    Raises:
        TooLarge: there is more than ``most``.
        OSError: the target cannot be written.
    """
    done = Copied()
    walker = _Walker(owner.uid, frozenset(skip), most, done)
    source_fd = os.open(source, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    target_fd = os.open(target, os.O_RDONLY | os.O_DIRECTORY | _NO_FOLLOW)
    try:
        walker.directory(source_fd, target_fd, source, 0)
        _dress(target_fd, os.fstat(source_fd), owner.uid)
    finally:
        os.close(source_fd)
        os.close(target_fd)
    return done


@dataclass(frozen=True)
class _Walker:
    uid: int | None
    skip: frozenset[str]
    most: int
    done: Copied

    def directory(self, source: int, target: int, path: str, depth: int) -> None:
        if depth > _MAX_DEPTH:
            raise TooLarge(f"{path} lies more than {_MAX_DEPTH} directories deep")
        with os.scandir(source) as entries:
            for entry in entries:
                self._entry(entry, source, target, path, depth)

    def _entry(self, entry: os.DirEntry[str], source: int, target: int, path: str, depth: int) -> None:
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return
        self.done.files += 1
        if stat.S_ISREG(status.st_mode):
            self._file(entry.name, source, target, status)
        elif stat.S_ISDIR(status.st_mode):
            self._subdirectory(entry.name, source, target, f"{path}/{entry.name}", depth)
        elif stat.S_ISLNK(status.st_mode):
            os.symlink(os.readlink(entry.name, dir_fd=source), entry.name, dir_fd=target)
            if self.uid is not None:
                os.chown(entry.name, self.uid, self.uid, dir_fd=target, follow_symlinks=False)

    def _subdirectory(self, name: str, source: int, target: int, path: str, depth: int) -> None:
        opened = _open(name, os.O_DIRECTORY, source)
        if opened is None:
            return
        os.mkdir(name, 0o700, dir_fd=target)
        made = os.open(name, os.O_RDONLY | os.O_DIRECTORY | _NO_FOLLOW, dir_fd=target)
        try:
            if path not in self.skip:
                self.directory(opened, made, path, depth + 1)
            _dress(made, os.fstat(opened), self.uid)
        finally:
            os.close(opened)
            os.close(made)

    def _file(self, name: str, source: int, target: int, status: os.stat_result) -> None:
        self.done.bytes += status.st_size
        if self.done.bytes > self.most:
            raise TooLarge(f"it holds more than {self.most >> 20} MiB")
        opened = _open(name, os.O_NONBLOCK, source)
        if opened is None:
            return
        made = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW, 0o600, dir_fd=target)
        try:
            left = status.st_size
            while left > 0 and (sent := os.sendfile(made, opened, None, min(left, _AT_ONCE))):
                left -= sent
            _dress(made, status, self.uid)
        finally:
            os.close(opened)
            os.close(made)


def _open(name: str, flags: int, directory: int) -> int | None:
    try:
        return os.open(name, os.O_RDONLY | flags | _NO_FOLLOW, dir_fd=directory)
    except OSError as error:
        if error.errno in {errno.EACCES, errno.EPERM, errno.ENOENT, errno.ELOOP, errno.ENOTDIR}:
            return None
        raise


def _dress(descriptor: int, like: os.stat_result, uid: int | None) -> None:
    """Give a copy the permissions (without set-id bits) and the time of its original, and its owner."""
    os.fchmod(descriptor, like.st_mode & 0o777 | (0o700 if stat.S_ISDIR(like.st_mode) else 0))
    if uid is not None:
        os.fchown(descriptor, uid, uid)
    os.utime(descriptor, ns=(like.st_mtime_ns, like.st_mtime_ns))
