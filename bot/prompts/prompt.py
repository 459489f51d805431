"""Reads a prompt from this room."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

_ROOM: Final = "bot.prompts"


@cache
def prompt(name: str) -> str:
    """Return the text of ``prompts/<name>.md``."""
    return (files(_ROOM) / f"{name}.md").read_text(encoding="utf-8").strip()
