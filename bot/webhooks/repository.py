"""``repository``: nothing goes on in a repository that was archived, deleted or given away."""

from __future__ import annotations

from bot.desk import Delivery, Desk
from bot.speech import payload
from bot.webhook import Event


async def answer(delivery: Delivery, desk: Desk) -> None:
    """End the repository's runs."""
    installation = payload.installation(delivery.payload)
    _, repository = payload.repository(delivery.payload)
    for run in await desk.store.unfinished(installation, repository):
        await desk.store.cancel(run.id, f"the repository was {delivery.action}", "github")


EVENT = Event("repository", frozenset({"archived", "deleted", "transferred"}), answer)
