"""Directories that are built once, by content, and shared by all processes of a machine."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

_DONE = ".complete"


def built_once(shelf: Path, key: str, build: Callable[[Path], object]) -> Path:
    """Return ``shelf/key``, filled by ``build`` unless somebody did so before.

    Two processes wait for each other; what was left half-built is thrown away and built anew. All of it ends up readable by
    everybody, since sandboxed code runs as another user.

    Raises:
        OSError: the shelf cannot be written.
    """
    folder = shelf / key
    if (folder / _DONE).exists():
        return folder
    shelf.mkdir(parents=True, exist_ok=True)
    with (shelf / f"{key}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / _DONE).exists():
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            build(folder)
            _open_to_all(folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        (folder / _DONE).touch()
    return folder


def _open_to_all(folder: Path) -> None:
    for place, folders, files in os.walk(folder):
        Path(place).chmod(0o755)
        for name in (*folders, *files):
            path = Path(place, name)
            if not path.is_symlink() and path.is_file():
                runs = path.stat().st_mode & stat.S_IXUSR
                path.chmod(0o755 if runs else 0o644)
