"""``issue_comment``: a comment may hold commands. Only created ones act; edits and deletions never do."""

from __future__ import annotations

from bot.desk import Delivery, Desk
from bot.doors import hearing
from bot.webhook import Event


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Have the comment heard."""
    await hearing.hear(delivery.payload, delivery, desk)


EVENT = Event("issue_comment", frozenset({"created"}), answer)
