"""A throw-away copy of a tree, to try something in; the original is not touched."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.change.encoding import encoded


@contextmanager
def twin(root: Path) -> Iterator[Path]:
    """Yield a copy of a tree without git's own files; it is gone afterwards.

    Files are linked where the file system can, so that a large tree costs little: whoever writes one unlinks it first.
    """
    with tempfile.TemporaryDirectory(prefix="pawl-twin-") as folder:
        tree = Path(folder) / root.name
        shutil.copytree(root, tree, symlinks=True, copy_function=_link, ignore=shutil.ignore_patterns(".git"))
        yield tree


def over_a_link(tree: Path, path: str) -> Path | None:
    """Return the first symbolic link on the way to a path of the tree, the path itself included; None where there is none."""
    way = tree / path
    steps = [each for each in (*reversed(way.parents), way) if each != tree and each.is_relative_to(tree)]
    return next((each for each in steps if each.is_symlink()), None)


def put(tree: Path, path: str, content: str | None) -> None:
    """Write a file of a twin, or delete it (None); the original, which may be the same inode, stays as it is."""
    place = tree / path
    place.unlink(missing_ok=True)
    if content is not None:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(encoded(path, content))


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
    return target
