"""A project's tree with a few files more, for tests that are tried and not kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from bot.change.twin import over_a_link, put, twin
from bot.errors import InputError


@contextmanager
def with_files(root: Path, files: Mapping[str, str]) -> Iterator[Path]:
    """Yield a copy of a tree that has ``files`` (path -> text) too; files are linked where that can be, nobody writes to them.

    Raises:
        InputError: a file would lie in a folder that is a symbolic link, and so perhaps outside the copy.
    """
    with twin(root) as tree:
        for path, text in files.items():
            linked = over_a_link(tree, str(PurePosixPath(path).parent))
            if linked is not None:
                place = linked.relative_to(tree).as_posix()
                raise InputError(f"{place} is a symbolic link, so no test is written there: make it a folder of its own")
            put(tree, path, text)
        yield tree
