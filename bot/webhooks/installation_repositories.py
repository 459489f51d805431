"""``installation_repositories``: where the App is taken from a repository, its runs there end."""

from __future__ import annotations

from bot import payload
from bot.desk import Delivery, Desk
from bot.errors import InputError
from bot.webhook import Event


async def answer(delivery: Delivery, desk: Desk) -> None:
    """End the runs of the repositories that were taken away."""
    told = delivery.payload
    installation = payload.installation(told)
    gone = told.get("repositories_removed")
    if not isinstance(gone, list):
        raise InputError("the payload's repositories_removed is no list: GitHub sends one with this event")
    for each in gone:
        for run in await desk.store.unfinished(installation, payload.number(payload.part({"each": each}, "each"), "id")):
            await desk.store.cancel(run.id, "the App was taken from this repository", "github")


EVENT = Event("installation_repositories", frozenset({"removed"}), answer)
