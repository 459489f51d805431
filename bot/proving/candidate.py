"""A copy of a tree with edits made in it, to run things on; the original is not touched."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.change.change import Edits
from bot.change.patch import path_problem
from bot.errors import Refused


@contextmanager
def laid_out(root: Path, edits: Edits) -> Iterator[Path]:
    """Yield a tree with the edits in; it is gone afterwards.

    Raises:
        Refused: an edit's path leads out of the tree or over a symbolic link.
    """
    with tempfile.TemporaryDirectory(prefix="pawl-candidate-") as folder:
        tree = Path(folder) / root.name
        shutil.copytree(root, tree, symlinks=True, copy_function=_link, ignore=shutil.ignore_patterns(".git"))
        for edit in edits.edits:
            _write(tree, edit.path, edit.content)
        yield tree


def _link(source: str, target: str) -> str:
    """Link a file where the file system can: nobody writes through either name."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
    return target


def _write(tree: Path, path: str, content: str | None) -> None:
    problem = path_problem(path)
    place = tree / path
    if problem or any(each.is_symlink() for each in (place, *place.parents) if each.is_relative_to(tree)):
        raise Refused(f"{path[:120]!r} may not be edited: {problem or 'it leads over a symbolic link'}")
    place.unlink(missing_ok=True)  # never written through: the original has the same inode
    if content is not None:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, encoding="utf-8", newline="")


def text_of(root: Path, path: str) -> str | None:
    """Return a file's text with its line ends as they are; None where there is none, or it is a link or not UTF-8."""
    place = root / path
    if path_problem(path) or any(each.is_symlink() for each in (place, *place.parents) if each.is_relative_to(root)):
        return None
    try:
        return place.read_bytes().decode() if place.is_file() else None
    except UnicodeDecodeError:
        return None
