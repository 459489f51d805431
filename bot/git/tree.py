"""What a commit's tree holds, and how it is laid out: whatever the tree says, nothing outside the folder is written or reached.

Git's own checks do not see a tree that somebody made by hand: a name may stand in it twice, as a link and as a folder, and a
link may leave it by way of others. Such trees are refused whole. Files are written through descriptors of their folders, which
follow no link, so the promise does not rest on those checks alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Final, Self

from bot.errors import Hindered, InputError, hindrance
from bot.ids import Sha

GITLINK: Final = "160000"
SYMLINK: Final = "120000"
EXECUTABLE: Final = "100755"
MOST_LINKS: Final = 40
"""Links that Linux follows on one way; whoever counts fewer or more must not end up elsewhere."""
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_NO_NAMES: Final = frozenset({"..", ".", "", ".git"})


@dataclass(frozen=True)
class Entry:
    """One file of a commit: its git mode, its blob and its path."""

    mode: str
    oid: str
    path: str


def read_entries(listing: bytes, commit: Sha) -> list[Entry]:
    """Return what ``git ls-tree -r -z`` printed; raises InputError for a path that cannot be laid out safely."""
    found = []
    for record in listing.split(b"\0"):
        if not record:
            continue
        facts, _, raw = record.partition(b"\t")
        mode, _, oid = facts.decode().split(" ")
        path = os.fsdecode(raw)
        if not _NO_NAMES.isdisjoint(path.split("/")):
            raise InputError(f"{path!r} in {commit[:12]} is no path that can be laid out safely: rename it")
        found.append(Entry(mode, oid, path))
    return found


def lay_out(entries: Sequence[Entry], blobs: Mapping[str, bytes], directory: Path, commit: Sha) -> None:
    """Write the entries into ``directory``, which is empty; submodules become empty folders.

    Raises:
        InputError: the tree is not safe to lay out, and nothing was written; or it has names that the directory cannot hold.
        Hindered: there is no room for it.
    """
    _require_folders(entries, commit)
    _require_inside({each.path: os.fsdecode(blobs[each.oid]) for each in entries if each.mode == SYMLINK}, commit)
    try:
        with _Descent(directory) as descent:
            for entry in entries:
                *folders, name = entry.path.split("/")
                _write(entry, name, blobs.get(entry.oid, b""), descent.into(folders))
    except OSError as error:
        where = f"{commit[:12]} cannot be laid out in {directory} ({error.strerror})"
        kind = Hindered if hindrance(error) else InputError
        raise kind(f"{where}: make room there, or set TMPDIR to another place") from error


def _require_folders(entries: Sequence[Entry], commit: Sha) -> None:
    """Raise InputError where a path stands twice, or beneath something that is no folder."""
    paths = [each.path for each in entries]
    known = set(paths)
    if len(known) < len(paths):
        twice = next(each for each in paths if paths.count(each) > 1)
        raise InputError(f"{twice!r} stands twice in {commit[:12]}: git fsck says more; commit it anew with one of them")
    for path in paths:
        above = next((str(each) for each in PurePosixPath(path).parents if str(each) in known), None)
        if above is not None:
            raise InputError(f"{path!r} in {commit[:12]} lies beneath {above!r}, which is no folder: git fsck says more")


def _require_inside(links: Mapping[str, str], commit: Sha) -> None:
    """Raise InputError where a link leaves the tree, by whatever other links."""
    for path, target in links.items():
        if not target or "\0" in target:
            raise InputError(f"{path} in {commit[:12]} is a link to nothing that has a name: remove it first")
        if _leaves(path, links):
            raise InputError(f"{path} in {commit[:12]} is a link out of the repository ({target}): remove it first")


def _leaves(path: str, links: Mapping[str, str]) -> bool:
    """Return whether the way through ``path`` leaves the tree, or goes through so many links that nobody can tell."""
    at: list[str] = []
    ahead = path.split("/")[::-1]
    followed = 0
    while ahead:
        part = ahead.pop()
        if part == ".." and not at:
            return True
        if part == "..":
            at.pop()
        elif part not in {"", "."}:
            at.append(part)
            target = links.get("/".join(at))
            if target is not None:
                followed += 1
                if followed > MOST_LINKS or target.startswith("/"):
                    return True
                at.pop()
                ahead += target.split("/")[::-1]
    return False


class _Descent:
    """Goes into the folders beneath ``root`` by their descriptors, makes those that are missing, and follows no link."""

    def __init__(self, root: Path) -> None:
        self._names: list[str] = []
        self._open = [os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._open:
            os.close(each)

    def into(self, names: Sequence[str]) -> int:
        """Return the descriptor of the folder that the names lead to from the root."""
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(self._names, names, strict=False)))
        while len(self._names) > shared:
            self._names.pop()
            os.close(self._open.pop())
        for name in names[shared:]:
            with suppress(FileExistsError):
                os.mkdir(name, dir_fd=self._open[-1])
            self._open.append(os.open(name, _FOLDER, dir_fd=self._open[-1]))
            self._names.append(name)
        return self._open[-1]


def _write(entry: Entry, name: str, content: bytes, folder: int) -> None:
    if entry.mode == GITLINK:
        os.mkdir(name, dir_fd=folder)
    elif entry.mode == SYMLINK:
        os.symlink(content, os.fsencode(name), dir_fd=folder)
    else:
        bits = 0o777 if entry.mode == EXECUTABLE else 0o666
        with os.fdopen(os.open(name, _NEW, bits, dir_fd=folder), "wb") as file:
            file.write(content)
