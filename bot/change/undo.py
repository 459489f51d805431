"""Take a merged change back: the edits that undo it on top of what came since, or where that cannot be done cleanly. Pure.

A file that nobody touched since becomes what it was. One that was touched is merged line by line: what the change did is taken
back, what came since stays, and where both touch the same lines there is a conflict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.change.change import Change, Edit, FileChange, FileStatus

Text = Callable[[str], str | None]
"""Gives a file's text in some commit; None where there is no such text."""


@dataclass(frozen=True)
class Undoing:
    """The edits, or why there are none."""

    edits: tuple[Edit, ...]
    conflicts: tuple[str, ...]
    """One sentence for each file that stands in the way."""


def undo(change: Change, before: Text, after: Text, now: Text) -> Undoing:
    """Return the edits that take ``change`` (from ``before`` to ``after``) back in a tree that is ``now`` as it is."""
    found = [each for file in change.files for each in _taken_back(file, before, after, now)]
    conflicts = tuple(why for _, why in found if why)
    return Undoing(() if conflicts else tuple(edit for edit, _ in found if edit), conflicts)


def _taken_back(file: FileChange, before: Text, after: Text, now: Text) -> Iterator[tuple[Edit | None, str]]:
    """Yield, for each path that a file had, the edit that takes it back, and why it cannot be done."""
    if file.binary or not _is_plain(file):
        yield None, f"{file.path} is no text, or its mode was changed: a person has to take that back"
        return
    for path in dict.fromkeys(each for each in (file.path, file.old_path) if each is not None):
        yield _undone(path, before(path), after(path), now(path))


def _is_plain(file: FileChange) -> bool:
    """Tell whether putting the text back puts the mode back too: what was added just goes."""
    return file.mode is None or file.status is FileStatus.ADDED or (file.status is FileStatus.DELETED and file.mode == "100644")


def _undone(path: str, before: str | None, after: str | None, now: str | None) -> tuple[Edit | None, str]:
    """Return the edit that takes one file back, and why it cannot be done."""
    if before is None and after is None:
        return None, f"{path} is no text: a person has to take that back"
    if now == before:
        return None, ""
    if now == after:
        return Edit(path, before), ""
    if before is None or after is None or now is None:
        return None, f"{path} was changed, moved or deleted since"
    merged = merge(after, now, before)
    if merged is None:
        return None, f"{path} was changed since in the same lines"
    return (None if merged == now else Edit(path, merged)), ""


def merge(origin: str, ours: str, theirs: str) -> str | None:
    """Return both changes of ``origin`` together; None where they touch the same lines, or lines that adjoin."""
    base, left, right = (each.splitlines(keepends=True) for each in (origin, ours, theirs))
    merged: list[str] = []
    at = (0, 0, 0)
    for block in _common(base, left, right):
        between = [part[start:end] for part, start, end in zip((base, left, right), at, block.starts, strict=True)]
        chosen = _chosen(*between)
        if chosen is None:
            return None
        merged += chosen + base[block.starts[0] : block.starts[0] + block.size]
        at = (block.starts[0] + block.size, block.starts[1] + block.size, block.starts[2] + block.size)
    return "".join(merged)


@dataclass(frozen=True)
class _Block:
    """Lines that all three have."""

    starts: tuple[int, int, int]
    size: int


def _common(base: list[str], left: list[str], right: list[str]) -> Iterator[_Block]:
    """Yield the runs of lines that are the same in all three, in order, and an empty one at the end."""
    mine = _matches(base, left)
    other = _matches(base, right)
    at = 0
    while at < len(base):
        if at not in mine or at not in other:
            at += 1
            continue
        size = 1
        while mine.get(at + size) == mine[at] + size and other.get(at + size) == other[at] + size:
            size += 1
        yield _Block((at, mine[at], other[at]), size)
        at += size
    yield _Block((len(base), len(left), len(right)), 0)


def _matches(base: list[str], other: list[str]) -> dict[int, int]:
    """Return where each line of ``base`` that is kept stands in ``other``."""
    blocks = SequenceMatcher(None, base, other, autojunk=False).get_matching_blocks()
    return {start + step: there + step for start, there, size in blocks for step in range(size)}


def _chosen(origin: list[str], ours: list[str], theirs: list[str]) -> list[str] | None:
    if ours == origin:
        return theirs
    return ours if theirs in (origin, ours) else None
