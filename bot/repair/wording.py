"""Saying in one plain sentence what a candidate changes."""

from __future__ import annotations

from bot.repair.enumeration import Candidate
from bot.repair.template import Rewrite

LONGEST = 70


def sentence(candidate: Candidate, base: str) -> str:
    """Return what the edits do: ``line 7 of gcd.py: `a % b` instead of `b % a```; several are joined with *and*."""
    text, parts = base, []
    for rewrite in candidate.rewrites:
        parts.append(_one(rewrite, text))
        text = rewrite.apply(text)
    return "; and ".join(parts)


def _one(rewrite: Rewrite, text: str) -> str:
    start, end, new = _trimmed(rewrite, text)
    line = text.count("\n", 0, start) + 1
    old, fresh = _short(text[start:end]), _short(new)
    where = f"line {line} of {rewrite.path}"
    if not old:
        return f"{where}: `{fresh}` is new"
    return f"{where}: `{fresh}` instead of `{old}`" if fresh else f"{where}: `{old}` is gone"


def _trimmed(rewrite: Rewrite, text: str) -> tuple[int, int, str]:
    """Leave out whole lines that a rewrite of several lines keeps at its ends."""
    old, new = text[rewrite.start : rewrite.end].splitlines(keepends=True), rewrite.text.splitlines(keepends=True)
    front = 0
    while front < min(len(old), len(new)) and old[front] == new[front]:
        front += 1
    back = 0
    while back < min(len(old), len(new)) - front and old[-1 - back] == new[-1 - back]:
        back += 1
    start = rewrite.start + sum(map(len, old[:front]))
    return start, rewrite.end - sum(map(len, old[len(old) - back :])), "".join(new[front : len(new) - back])


def _short(text: str) -> str:
    flat = " ".join(text.split()).replace("`", "'")
    return flat if len(flat) <= LONGEST else f"{flat[: LONGEST - 1]}…"
