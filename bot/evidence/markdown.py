"""Markdown that hostile text cannot break out of, cut to a size by whole sections."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST = 65_536
"""Longest pull-request body or comment GitHub takes, in characters."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()+\-!|~&])")
_REFERENCE = re.compile(r"([@#]|:(?=//)|\bwww(?=\.)|\bGH(?=\\?-\d))", re.IGNORECASE)


@dataclass(frozen=True)
class Section:
    """One part of a document. ``rank`` says how dear it is: the highest ranks go first when room runs out."""

    heading: str
    text: str
    rank: int = 0


def plain(text: str, most: int = 200) -> str:
    """Return text as one line that renders as itself: no mark-up, no mention, no reference.

    An empty comment behind ``@``, ``#`` and the like parts them from what GitHub would link; a backslash does not.
    """
    return _REFERENCE.sub(r"\1<!-- -->", _SPECIAL.sub(r"\\\1", _one_line(text, most)))


def _one_line(text: str, most: int) -> str:
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def code(text: str, most: int = 200) -> str:
    """Return text as inline code, whatever back-ticks it holds."""
    short = _one_line(text, most)
    longest = max((len(each) for each in re.findall(r"`+", short)), default=0)
    ticks = "`" * (longest + 1)
    room = " " if short.startswith("`") or short.endswith("`") or not short else ""
    return f"{ticks}{room}{short.replace('|', chr(0x2758))}{room}{ticks}"


def fence(text: str, language: str = "") -> str:
    """Return text as a fenced block that nothing inside can close."""
    longest = max((len(each) for each in re.findall(r"`{3,}", text)), default=2)
    ticks = "`" * (longest + 1)
    shown = "".join(each if each.isprintable() or each in "\n\t" else "\ufffd" for each in text)
    return f"{ticks}{language}\n{shown.rstrip()}\n{ticks}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the cells are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def document(sections: Sequence[Section], most: int = MOST) -> str:
    """Return the sections in order; the least dear are replaced by one line each until all fits in ``most`` characters."""
    cut: set[int] = set()
    dearest_last = sorted(range(len(sections)), key=lambda number: (-sections[number].rank, -len(sections[number].text)))
    for number in [-1, *dearest_last]:
        cut |= {number} - {-1}
        text = "\n\n".join(_render(each, cut=position in cut) for position, each in enumerate(sections)) + "\n"
        if len(text) <= most:
            return text
    return text[: most - 1] + "\n"


def _render(section: Section, *, cut: bool) -> str:
    text = "*Too long for this page: it stands in the report of the evidence bundle.*" if cut else section.text
    return f"## {section.heading}\n\n{text}" if section.heading else text
