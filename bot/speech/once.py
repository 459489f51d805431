"""Say something once: a comment carries a mark, and what carries it already is not written again."""

from __future__ import annotations

from bot.github import comments
from bot.github.repository import Repository
from bot.speech import messages


async def say_once(repository: Repository, number: int, mark: str, body: str) -> int:
    """Write a comment that carries a mark, unless Pawl wrote it before; return its id."""
    marker = f"<!-- {mark} -->"
    found = await comments.find(repository, number, marker)
    return found if found is not None else await comments.create(repository, number, messages.marked(marker, body))
