"""``issue_comment``: a comment may hold commands. Only created ones act; edits and deletions never do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.desk import Delivery, Desk
from bot.doors import hearing
from bot.spoken import NAME
from bot.webhook import Event


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Have the comment heard."""
    await hearing.hear(delivery.payload, delivery, desk)


def is_for_pawl(payload: Mapping[str, Any]) -> bool:
    """Whether the comment may hold a command at all: most people's talk is none of Pawl's business."""
    comment = payload.get("comment")
    return isinstance(comment, Mapping) and NAME in str(comment.get("body"))


EVENT = Event("issue_comment", frozenset({"created"}), answer, is_for_pawl)
