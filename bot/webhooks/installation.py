"""``installation``: where the App is taken away or suspended, its runs end."""

from __future__ import annotations

from bot import payload
from bot.desk import Delivery, Desk
from bot.webhook import Event

_DONE = {"deleted": "taken away", "suspend": "suspended"}


async def answer(delivery: Delivery, desk: Desk) -> None:
    """End the installation's runs."""
    for run in await desk.store.unfinished(payload.installation(delivery.payload)):
        await desk.store.cancel(run.id, f"the App's installation was {_DONE[delivery.action]}", "github")


EVENT = Event("installation", frozenset(_DONE), answer)
