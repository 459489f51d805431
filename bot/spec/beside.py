"""A project's tree with a few files more, for tests that are tried and not kept."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.errors import InputError


@contextmanager
def with_files(root: Path, files: Mapping[str, str]) -> Iterator[Path]:
    """Yield a copy of a tree that has ``files`` (path -> text) too; files are linked where that can be, nobody writes to them.

    Raises:
        InputError: a file would lie in a folder that is a symbolic link, and so perhaps outside the copy.
    """
    with tempfile.TemporaryDirectory(prefix="pawl-beside-") as folder:
        tree = Path(folder) / root.name
        shutil.copytree(root, tree, symlinks=True, copy_function=_link, ignore=shutil.ignore_patterns(".git"))
        for path, text in files.items():
            file = tree / path
            linked = next((each for each in file.parents if each.is_relative_to(tree) and each.is_symlink()), None)
            if linked is not None:
                place = linked.relative_to(tree).as_posix()
                raise InputError(f"{place} is a symbolic link, so no test is written there: make it a folder of its own")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)  # it may be a link to the original, which writing would change
            file.write_text(text, encoding="utf-8")
        yield tree


def _link(source: str, target: str) -> str:
    """Link a file where the file system can."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
    return target
