"""``installation``: where the App comes, it offers itself; where it is taken away or suspended, its runs end."""

from __future__ import annotations

from typing import Final

from bot.desk import Delivery, Desk
from bot.doors import arrival
from bot.speech import payload
from bot.webhook import Event

_DONE: Final = {"deleted": "taken away", "suspend": "suspended"}


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Have the repositories welcomed, or end the installation's runs."""
    if delivery.action == "created":
        await arrival.announce("repositories", delivery, desk)
        return
    for run in await desk.store.unfinished(payload.installation(delivery.payload)):
        await desk.store.cancel(run.id, f"the App's installation was {_DONE[delivery.action]}", "github")


EVENT = Event("installation", frozenset({"created", *_DONE}), answer)
