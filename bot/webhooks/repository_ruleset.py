"""``repository_ruleset``: where rules change, what waits to be merged is looked at again, and may be disarmed."""

from __future__ import annotations

from bot.desk import Delivery, Desk
from bot.speech import payload
from bot.webhook import Event


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Wake the repository's sleeping runs; rules of a whole organisation name no repository and come with the schedule."""
    if isinstance(delivery.payload.get("repository"), dict):
        _, repository = payload.repository(delivery.payload)
        await desk.store.wake_all(repository)


EVENT = Event("repository_ruleset", frozenset({"created", "edited", "deleted"}), answer)
