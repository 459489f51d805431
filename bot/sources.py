"""The files of a tree that are worth reading: its own Python code and manifests, within bounds, never what others wrote."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.change.area import is_manifest
from bot.change.encoding import decoded

MOST_FILES = 3_000
MOST_BYTES = 32 * 1024 * 1024
MOST_BYTES_A_FILE = 512 * 1024

_NOT_OURS = frozenset(
    {
        "node_modules",
        "site-packages",
        "vendor",
        "_vendor",
        "vendored",
        "_vendored",
        "third_party",
        "venv",
        ".venv",
        "__pycache__",
    }
)
_NOT_OURS_UNLESS_A_PACKAGE = frozenset({"build", "dist", "env"})


@dataclass(frozen=True)
class Sources:
    """Texts by path, with forward slashes, sorted; and what was left out."""

    files: dict[str, str]
    skipped: dict[str, str]
    """Path -> why it was not read."""
    complete: bool = True
    """False where the bounds cut the tree short."""


def read_sources(root: Path, most_files: int = MOST_FILES, most_bytes: int = MOST_BYTES) -> Sources:
    """Read a tree's Python files and manifests; links are not followed, vendored and generated folders not entered."""
    files: dict[str, str] = {}
    skipped: dict[str, str] = {}
    total = 0
    for path in _walk(root):
        if len(files) >= most_files or total >= most_bytes:
            return Sources(files, skipped, complete=False)
        text, why_not = _read(root / path)
        if text is None:
            skipped[path] = why_not
        else:
            files[path] = text
            total += len(text)
    return Sources(files, skipped)


def _walk(root: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(each for each in folders if not each.startswith(".") and not is_foreign(here / each))
        for name in sorted(names):
            path = (here / name).relative_to(root).as_posix()
            if name.endswith((".py", ".pyi")) or is_manifest(path):
                yield path


def is_foreign(folder: Path) -> bool:
    """Return whether a folder holds what others wrote or a tool made, or is a link."""
    name = folder.name
    if name in _NOT_OURS or folder.is_symlink() or (folder / "pyvenv.cfg").exists():
        return True
    return name in _NOT_OURS_UNLESS_A_PACKAGE and not (folder / "__init__.py").exists()


def _read(file: Path) -> tuple[str | None, str]:
    try:
        if file.is_symlink() or not file.is_file():
            return None, "not a regular file"
        if file.stat().st_size > MOST_BYTES_A_FILE:
            return None, f"larger than {MOST_BYTES_A_FILE // 1024} KiB"
        text = decoded(file.read_bytes())
    except OSError as error:
        return None, f"unreadable: {error.strerror}"
    if text is None:
        return None, "not in the encoding that it names, or not UTF-8"
    return (None, "binary") if "\0" in text else (text, "")
