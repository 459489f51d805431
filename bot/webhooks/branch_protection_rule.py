"""``branch_protection_rule``: where protection changes, what waits to be merged is looked at again, and may be disarmed."""

from __future__ import annotations

from bot.desk import Delivery, Desk
from bot.speech import payload
from bot.webhook import Event


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Wake the repository's sleeping runs."""
    _, repository = payload.repository(delivery.payload)
    await desk.store.wake_all(repository)


EVENT = Event("branch_protection_rule", frozenset({"created", "edited", "deleted"}), answer)
