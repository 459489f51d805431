"""Every word that Pawl says to a model, one Markdown file a duty; strangers' words are never part of them.

``prompt(name)`` returns a file's text. To add one, write ``prompts/<name>.md``.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def prompt(name: str) -> str:
    """Return the text of ``prompts/<name>.md``."""
    return (files(__name__) / f"{name}.md").read_text(encoding="utf-8").strip()
