"""``installation``: where the App comes, it offers itself; where it is taken away or suspended, its runs end."""

from __future__ import annotations

from bot import onboarding, payload
from bot.desk import Delivery, Desk
from bot.ids import RepoName
from bot.webhook import Event

_DONE = {"deleted": "taken away", "suspend": "suspended"}
MOST = 20
"""Repositories in which an onboarding pull request is opened at once; elsewhere it comes when Pawl is first spoken to."""


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Open the onboarding pull requests, or end the installation's runs."""
    told = delivery.payload
    installation = payload.installation(told)
    if delivery.action == "created":
        listed = told.get("repositories")
        for each in (listed if isinstance(listed, list) else [])[:MOST]:
            name = RepoName(payload.text(payload.part({"each": each}, "each"), "full_name"))
            await onboarding.welcome(await desk.repository(installation, name), desk.store)
        return
    for run in await desk.store.unfinished(installation):
        await desk.store.cancel(run.id, f"the App's installation was {_DONE[delivery.action]}", "github")


EVENT = Event("installation", frozenset({"created", *_DONE}), answer)
