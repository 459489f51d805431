"""``issue_comment``: a comment may hold commands. Only created ones act; edits and deletions never do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.desk import Delivery, Desk, Place
from bot.doors import hearing
from bot.speech import payload
from bot.spoken import NAME, parse
from bot.webhook import Event


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Have the comment heard."""
    await hearing.hear(delivery.payload, delivery, desk)


def is_for_pawl(told: Mapping[str, Any]) -> bool:
    """Whether the comment may hold a command at all: most people's talk is none of Pawl's business."""
    comment = told.get("comment")
    return isinstance(comment, Mapping) and NAME in str(comment.get("body"))


async def asked_in(delivery: Delivery, _desk: Desk) -> Place | None:
    """Return where somebody said a command; None where the comment holds none, or a bot wrote it."""
    told = delivery.payload
    comment = payload.part(told, "comment")
    is_asked = not payload.actor(payload.part(comment, "user")).bot and parse(payload.text(comment, "body"))
    return payload.place(told, "issue") if is_asked else None


EVENT = Event("issue_comment", frozenset({"created"}), answer, is_for_pawl, asked_in)
