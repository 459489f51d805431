"""Lines in differences: whether one shows a line, and where a line went."""

from __future__ import annotations

import re

from tests.doubles.github.clone import Clone

HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def shown_in(patch: str, side: str, line: int) -> tuple[str, int] | None:
    """Return the hunk down to a line of one side, and how far down the patch it is; None where the patch does not show it."""
    kept: list[str] = []
    old = new = 0
    for position, text in enumerate(patch.splitlines()):
        head = HUNK.match(text)
        if head:
            kept, old, new = [text], int(head[1]), int(head[3])
            continue
        kept.append(text)
        left, right = text[:1] in {" ", "-"}, text[:1] in {" ", "+"}
        if (right and new == line) if side == "RIGHT" else (left and old == line):
            return "\n".join(kept), position
        old, new = old + left, new + right
    return None


def moved(clone: Clone, before: str, after: str, path: str, line: int) -> int | None:
    """Return the number that a line of one commit has in another; None where it is changed or gone."""
    shift = 0
    for text in clone.text("diff", "-U0", before, after, "--", path).splitlines():
        head = HUNK.match(text)
        if not head:
            continue
        first, count, added = int(head[1]), int(head[2] or 1), int(head[4] or 1)
        last = first + count - 1 if count else first
        if line > last:
            shift += added - count
        elif count and line >= first:
            return None
    return line + shift
