"""``installation_repositories``: where the App comes, it offers itself; where it is taken away, its runs end."""

from __future__ import annotations

from bot.desk import Delivery, Desk
from bot.doors import arrival
from bot.ids import RepoName
from bot.installation import onboarding
from bot.speech import payload
from bot.webhook import Event


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Welcome a repository, have several welcomed one by one, or end the runs of those that were taken away."""
    installation = payload.installation(delivery.payload)
    if delivery.action == "removed":
        for each in arrival.listed(delivery, "repositories_removed"):
            for run in await desk.store.unfinished(installation, payload.number(each, "id")):
                await desk.store.cancel(run.id, "the App was taken from this repository", "github")
        return
    added = arrival.listed(delivery, arrival.ADDED)
    if len(added) != 1:
        await arrival.announce(arrival.ADDED, delivery, desk)
        return
    repository = await desk.repository(installation, RepoName(payload.text(added[0], "full_name")))
    await onboarding.welcome(repository, desk.store, desk.settings)


EVENT = Event(arrival.EVENT, frozenset({"added", "removed"}), answer)
