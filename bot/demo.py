"""The demo's project: a small real repository with a bug in it, and the words somebody would report it with."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bot.errors import InputError

ISSUE = """\
fix: touching bookings are not merged

`merge` keeps two bookings apart when one ends in the very hour in which the next begins, so the
room shows a gap that is not there.

`merge([(9, 11), (11, 12)])` should return `[(9, 12)]`, but it returns both of them unchanged.

    >>> merge([(8, 9), (9, 10), (10, 11)])
    [(8, 11)]
"""

FILES = {
    "rooms/__init__.py": '"""Booking meeting rooms."""\n',
    "rooms/bookings.py": '''\
"""Bookings of one room on one day, as spans of whole hours."""

Span = tuple[int, int]


def merge(spans: list[Span]) -> list[Span]:
    """Return the spans sorted, those that overlap or touch joined into one.

    >>> merge([(13, 15), (9, 10)])
    [(9, 10), (13, 15)]
    """
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def free(spans: list[Span], opens: int = 8, closes: int = 18) -> list[Span]:
    """Return the hours between ``opens`` and ``closes`` in which the room is free."""
    gaps: list[Span] = []
    at = opens
    for start, end in merge(spans):
        if start > at:
            gaps.append((at, start))
        at = max(at, end)
    if at < closes:
        gaps.append((at, closes))
    return gaps
''',
    "tests/test_bookings.py": '''\
"""What bookings must do."""

from rooms.bookings import free, merge


def test_nothing_booked() -> None:
    assert merge([]) == []
    assert free([]) == [(8, 18)]


def test_overlapping_spans_are_joined() -> None:
    assert merge([(9, 11), (10, 12)]) == [(9, 12)]
    assert merge([(9, 15), (10, 12)]) == [(9, 15)]


def test_spans_apart_stay_apart() -> None:
    assert merge([(13, 15), (9, 10)]) == [(9, 10), (13, 15)]


def test_the_free_hours_lie_between_the_bookings() -> None:
    assert free([(9, 11), (13, 15)]) == [(8, 9), (11, 13), (15, 18)]
    assert free([(8, 18)]) == []
''',
    "pyproject.toml": '[project]\nname = "rooms"\nversion = "1.0"\nrequires-python = ">=3.11"\ndependencies = []\n',
    ".gitignore": "__pycache__/\n",
}


def make_project(directory: Path) -> Path:
    """Write the project into ``directory`` and commit it; return the directory.

    Raises:
        InputError: there is something in the directory already, it cannot be written, or git is missing.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise InputError(f"{directory} is not empty: name another place with --dir")
        for path, text in FILES.items():
            (directory / path).parent.mkdir(exist_ok=True)
            (directory / path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{directory} cannot be written ({error.strerror}): name another place with --dir") from error
    who = [
        "-c",
        "user.name=Demo",
        "-c",
        "user.email=demo@localhost",
        "-c",
        "init.defaultBranch=main",
        "-c",
        "commit.gpgSign=false",
    ]
    try:
        for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "A room's bookings"]):
            subprocess.run(["git", "-C", str(directory), *who, *command], check=True, capture_output=True)  # noqa: S607 - as a person would
    except FileNotFoundError:
        raise InputError("git is not installed: apt-get install git") from None
    return directory
