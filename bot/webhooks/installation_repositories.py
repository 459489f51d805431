"""``installation_repositories``: where the App comes, it offers itself; where it is taken away, its runs end."""

from __future__ import annotations

from bot import onboarding, payload
from bot.desk import Delivery, Desk
from bot.errors import InputError
from bot.ids import RepoName
from bot.webhook import Event

MOST = 20
"""Repositories in which an onboarding pull request is opened at once; elsewhere it comes when Pawl is first spoken to."""


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Open the onboarding pull requests, or end the runs of the repositories that were taken away."""
    told = delivery.payload
    installation = payload.installation(told)
    if delivery.action == "added":
        listed = told.get("repositories_added")
        for each in (listed if isinstance(listed, list) else [])[:MOST]:
            name = RepoName(payload.text(payload.part({"each": each}, "each"), "full_name"))
            await onboarding.welcome(await desk.repository(installation, name), desk.store)
        return
    gone = told.get("repositories_removed")
    if not isinstance(gone, list):
        raise InputError("the payload's repositories_removed is no list: GitHub sends one with this event")
    for each in gone:
        for run in await desk.store.unfinished(installation, payload.number(payload.part({"each": each}, "each"), "id")):
            await desk.store.cancel(run.id, "the App was taken from this repository", "github")


EVENT = Event("installation_repositories", frozenset({"added", "removed"}), answer)
