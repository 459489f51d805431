"""Only what a change adds counts: which findings on the head were not there on the base.

Two findings are the same when rule, message (its numbers aside) and the text of their line (its layout aside) are, wherever
the line has moved to. A line that was rewritten may keep what was wrong with it before, once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

from bot.change.change import Change
from bot.gate import Finding

Text = Callable[[str], str | None]
"""Gives a file's text by its path; None where there is none."""

_Key = tuple[str, str, str, str | None]


def fresh(
    base: Iterable[Finding], head: Iterable[Finding], change: Change, base_text: Text, head_text: Text
) -> tuple[Finding, ...]:
    """Return the head's findings that the base does not have, in their order.

    Where several are alike and some of them were there, those on added lines are the new ones.
    """
    moved = {each.old_path: each.path for each in change.files if each.old_path}
    added = {each.path: each.added_lines for each in change.files}
    removed = {each.old_path or each.path: each.removed_lines for each in change.files}
    old_lines, new_lines = _Lines(base_text), _Lines(head_text)
    there: Counter[_Key] = Counter()
    rewritten: Counter[_Key] = Counter()
    for each in base:
        path = moved.get(each.path, each.path)
        there[_key(each, path, old_lines)] += 1
        rewritten[_key(each, path)] += each.line in removed.get(each.path, ())
    found = list(head)
    on_added = [each.line in added.get(each.path, ()) for each in found]
    left: list[int] = []
    for index in sorted(range(len(found)), key=lambda at: (on_added[at], at)):
        each = found[index]
        if not _take(there, _key(each, each.path, new_lines)):
            left.append(index)
        elif on_added[index]:
            _take(rewritten, _key(each, each.path))
    kept = [index for index in left if not (on_added[index] and _take(rewritten, _key(found[index], found[index].path)))]
    return tuple(found[index] for index in sorted(kept))


def _take(counter: Counter[_Key], key: _Key) -> bool:
    """Take one of a kind away where there is one."""
    if counter[key] <= 0:
        return False
    counter[key] -= 1
    return True


class _Lines:
    """The lines of files, without layout, read once each."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._read: dict[str, list[str]] = {}

    def at(self, path: str, number: int) -> str:
        if path not in self._read:
            self._read[path] = (self._text(path) or "").split("\n")
        lines = self._read[path]
        return "".join(lines[number - 1].split()) if 0 < number <= len(lines) else ""


def _key(finding: Finding, path: str, lines: _Lines | None = None) -> _Key:
    text = lines.at(finding.path, finding.line) if lines else None
    return path, finding.rule, re.sub(r"\d+", "#", finding.message), text
