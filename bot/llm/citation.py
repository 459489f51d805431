"""Citations: what a model claims to have read in a file is held to the file itself. Pure; nothing that does not hold is kept."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

MOST_LINES: Final = 80
"""Longest stretch of a file that one citation may name."""
LEAST_LETTERS: Final = 3
"""Fewest letters and digits of a quote: a bracket occurs everywhere and proves nothing."""
_MOST_PLACES: Final = 2_000
"""Places of one quote that are compared: a flood of one letter has as many as it is long."""
_NUMBERED: Final = re.compile(r"^[ \t]*\d+[ \t]*[|:][ ]?", re.MULTILINE)


@dataclass(frozen=True)
class Citation:
    """Some lines of a file, from ``first`` to ``last`` (from 1 on), and words that stand on them."""

    path: str
    first: int
    last: int
    quote: str


@dataclass(frozen=True)
class Dropped:
    """A citation that does not hold."""

    citation: Citation
    why: str


def folded(text: str) -> str:
    """Return text with every run of white space as one blank."""
    return " ".join(text.split())


def held(claimed: Citation, read: Callable[[str], str | None]) -> Citation | Dropped:
    """Return the citation with the lines on which its quote really stands, or why it is dropped.

    ``read`` returns a file's text as the model saw it, None where it may not be read or is none. White space is folded; of
    several places the one on the claimed lines is taken, else the nearest.
    """
    text = read(claimed.path)
    if text is None:
        return Dropped(claimed, "there is no such file to read")
    if sum(each.isalnum() or each == "_" for each in claimed.quote) < LEAST_LETTERS:
        return Dropped(claimed, "it quotes nothing")
    places = _places(claimed.quote, text) or _places(_NUMBERED.sub("", claimed.quote), text)
    if not places:
        return Dropped(claimed, "the quoted words do not stand in that file")
    first, last = min(places, key=lambda each: _distance(each, claimed))
    if last - first >= MOST_LINES:
        return Dropped(claimed, f"it quotes more than {MOST_LINES} lines")
    return Citation(claimed.path, first, last, "\n".join(text.split("\n")[first - 1 : last]))


def _distance(place: tuple[int, int], claimed: Citation) -> int:
    first, last = place
    if claimed.first <= first and last <= claimed.last:
        return 0
    return 1 + abs(first - claimed.first)


def _places(quote: str, text: str) -> list[tuple[int, int]]:
    """Return the first and last line of every place where the folded quote stands in the folded text."""
    wanted = folded(quote)
    words: list[str] = []
    starts: list[int] = []
    lines: list[int] = []
    at = 0
    for word, line in _words(text):
        words.append(word)
        starts.append(at)
        lines.append(line)
        at += len(word) + 1
    whole = " ".join(words)
    found: list[tuple[int, int]] = []
    begin = whole.find(wanted) if wanted else -1
    while begin >= 0 and len(found) < _MOST_PLACES:
        end = begin + len(wanted) - 1
        found.append((lines[bisect_right(starts, begin) - 1], lines[bisect_right(starts, end) - 1]))
        begin = whole.find(wanted, begin + 1)
    return found


def _words(text: str) -> Iterator[tuple[str, int]]:
    for number, line in enumerate(text.split("\n"), 1):
        for word in line.split():
            yield word, number
