"""Which Python files a tool has to look at, on each side of a change."""

from __future__ import annotations

from dataclasses import dataclass

from bot.change.change import Change, FileStatus


@dataclass(frozen=True)
class Touched:
    """The touched Python files; symbolic links and deleted ones are in nobody's way."""

    base: tuple[str, ...]
    head: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    """(path on the base, path on the head) of files that are on both sides."""


def python_files(change: Change) -> Touched:
    """Return the Python files that a change adds or edits."""
    there = [
        each for each in change.files if each.status is not FileStatus.DELETED and _is_python(each.path) and each.mode != "120000"
    ]
    pairs = tuple((each.old_path or each.path, each.path) for each in there if each.status is not FileStatus.ADDED)
    known = tuple((old, new) for old, new in pairs if _is_python(old))
    return Touched(tuple(old for old, _ in known), tuple(each.path for each in there), known)


def _is_python(path: str) -> bool:
    return path.endswith((".py", ".pyi"))
