"""What a change is: two commits, the files that differ between them, and the lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

from bot.ids import Sha


class FileStatus(StrEnum):
    """What happened to one file."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"


@dataclass(frozen=True)
class Hunk:
    """One run of changed lines; line numbers count from 1, a side without lines has length 0."""

    old_start: int
    old_lines: int
    new_start: int
    new_lines: int
    lines: tuple[str, ...]
    """The hunk's lines with their ``' '``, ``'+'`` or ``'-'`` in front, without line ends."""


@dataclass(frozen=True)
class FileChange:
    """One file's part of a change."""

    path: str
    status: FileStatus
    hunks: tuple[Hunk, ...] = ()
    old_path: str | None = None
    """Where a renamed file lay before."""
    binary: bool = False
    mode: str | None = None
    """The new git mode where it changed, such as ``100755`` or ``120000``."""

    @cached_property
    def added_lines(self) -> frozenset[int]:
        """Numbers, in the new file, of the lines that were added or rewritten."""
        found: set[int] = set()
        for hunk in self.hunks:
            number = hunk.new_start
            for line in hunk.lines:
                if line.startswith("+"):
                    found.add(number)
                if not line.startswith(("-", "\\")):
                    number += 1
        return frozenset(found)

    @cached_property
    def removed_lines(self) -> frozenset[int]:
        """Numbers, in the old file, of the lines that are gone."""
        found: set[int] = set()
        for hunk in self.hunks:
            number = hunk.old_start
            for line in hunk.lines:
                if line.startswith("-"):
                    found.add(number)
                if not line.startswith(("+", "\\")):
                    number += 1
        return frozenset(found)

    @property
    def added(self) -> int:
        """How many lines came in."""
        return len(self.added_lines)

    @property
    def removed(self) -> int:
        """How many lines went out."""
        return len(self.removed_lines)


@dataclass(frozen=True)
class Change:
    """Everything that differs between ``base`` and ``head``."""

    base: Sha
    head: Sha
    files: tuple[FileChange, ...]
    diff: str
    """The unified diff as git prints it."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The touched files, in the diff's order."""
        return tuple(each.path for each in self.files)

    def file(self, path: str) -> FileChange | None:
        """Return what happened to ``path``, or None where it was not touched."""
        return next((each for each in self.files if each.path == path), None)


@dataclass(frozen=True)
class Past:
    """The commits on the way from base to head, each as a change of its own: what one brought in another may have taken out."""

    steps: tuple[Change, ...] = ()
    """Oldest first; none where a single commit is the whole change."""
    unseen: str = ""
    """Which of them could not be looked at, and why; '' where all could."""


NO_PAST: Final = Past()


@dataclass(frozen=True)
class Edit:
    """The new text of one file; ``content`` None deletes it. Paths are relative, with forward slashes."""

    path: str
    content: str | None


@dataclass(frozen=True)
class Edits:
    """What an engine proposes: files to write, and why, in one sentence."""

    edits: tuple[Edit, ...]
    why: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    """Facts for the evidence: which template, how many candidates were tried, rank of this one…"""
