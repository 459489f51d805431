"""A copy of a tree with edits made in it, to run things on; the original is not touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.change.change import Edits
from bot.change.encoding import decoded
from bot.change.patch import MOST_CONTENT, path_problem
from bot.change.twin import over_a_link, put, twin
from bot.errors import Refused


@contextmanager
def laid_out(root: Path, edits: Edits) -> Iterator[Path]:
    """Yield a tree with the edits in; it is gone afterwards.

    Raises:
        Refused: an edit's path leads out of the tree, over a symbolic link, or where no file can be.
    """
    with twin(root) as tree:
        for edit in edits.edits:
            problem = path_problem(edit.path) or ("it leads over a symbolic link" if over_a_link(tree, edit.path) else "")
            if problem:
                raise Refused(f"{edit.path[:120]!r} may not be edited: {problem}")
            try:
                put(tree, edit.path, edit.content)
            except OSError as error:  # a folder has that name, or a file is where its folder would be
                raise Refused(f"{edit.path[:120]!r} may not be edited: no file can be there ({error.strerror})") from error
        yield tree


def text_of(root: Path, path: str) -> str | None:
    """Return a file's text with its line ends as they are; None where there is none, or it is a link, too large or no text."""
    place = root / path
    if path_problem(path) or over_a_link(root, path):
        return None
    return decoded(place.read_bytes()) if place.is_file() and place.stat().st_size <= MOST_CONTENT else None
