"""``pull_request_review``: a review given or dismissed may be what a run waits for."""

from __future__ import annotations

from bot.desk import Delivery, Desk
from bot.speech import payload
from bot.webhook import Event


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Wake the run that sleeps over this pull request: it asks GitHub who approved what."""
    where = payload.place(delivery.payload, "pull_request")
    await desk.store.wake_all(where.repository, where.number)


EVENT = Event("pull_request_review", frozenset({"submitted", "dismissed"}), answer)
