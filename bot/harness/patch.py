"""What differs between a project's file and a variant's, as one run of lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Patch:
    """The old lines ``[first, last)``, counted from 0, become ``text``; lines are what stands between line feeds."""

    path: str
    first: int
    last: int
    text: tuple[str, ...]

    @property
    def lines(self) -> frozenset[int]:
        """Numbers, from 1, of the old lines that are gone; of a mere insertion the lines on both sides."""
        if self.first == self.last:
            return frozenset(range(max(self.first, 1), self.first + 2))
        return frozenset(range(self.first + 1, self.last + 1))

    def plain(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"path": self.path, "first": self.first, "last": self.last, "text": list(self.text)}


def patch_of(path: str, old: str, new: str) -> Patch | None:
    """Return the one smallest run of lines that turns ``old`` into ``new``; None where they are the same."""
    if old == new:
        return None
    head = _whole_lines(old, new, _common_head(old, new))
    first = new.count("\n", 0, head) if head <= len(new) else old.count("\n", 0, head)
    same = _lines_at_end(old, new, head)
    return Patch(path, first, old.count("\n") + 1 - same, tuple(new.split("\n")[first : new.count("\n") + 1 - same]))


def _whole_lines(old: str, new: str, common: int) -> int:
    """Return where the first line begins that is not the same; past the end where a text has no such line."""
    ends = all(len(each) == common or each[common] == "\n" for each in (old, new))
    return common + 1 if ends else old.rfind("\n", 0, common) + 1


def _common_head(one: str, other: str) -> int:
    """Return the length of the common beginning, by halving: slices compare at the speed of memory."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _lines_at_end(old: str, new: str, head: int) -> int:
    """Return how many whole lines are the same at the end, none of them before ``head``."""
    low, high = 0, min(len(old), len(new)) - head
    if high < 0:
        return 0
    while low < high:
        middle = (low + high + 1) // 2
        if old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]:
            low = middle
        else:
            high = middle - 1
    start, begun = len(old) - low, _begins_line(old, len(old) - low, head) and _begins_line(new, len(new) - low, head)
    return old.count("\n", start) + (1 if begun else 0)


def _begins_line(text: str, place: int, head: int) -> bool:
    return place == head or text[place - 1 : place] == "\n"
