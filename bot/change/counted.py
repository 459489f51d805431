"""Numbers of things in words: one file, two files."""

from __future__ import annotations


def counted(number: int, thing: str, things: str = "") -> str:
    """Return the number with its noun, such as ``1 file``; ``things`` is a plural that is not made by an s."""
    return f"{number} {thing if number == 1 else things or f'{thing}s'}"
