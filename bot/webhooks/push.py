"""``push``: when the default branch moves, what waits to be merged into it may stand differently."""

from __future__ import annotations

from bot.desk import Delivery, Desk
from bot.installation import onboarding
from bot.speech import payload
from bot.store.onboardings import Welcome
from bot.webhook import Event


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Wake the repository's sleeping runs; pushes to a pull request come as ``pull_request.synchronize``."""
    told = delivery.payload
    default = payload.text(payload.part(told, "repository"), "default_branch")
    if payload.text(told, "ref") == f"refs/heads/{default}":
        name, repository = payload.repository(told)
        known = await desk.store.onboardings.of(repository)
        if known is not None and known.state is not Welcome.ACCEPTED:  # somebody may have added the configuration by hand
            await onboarding.welcome(await desk.repository(payload.installation(told), name), desk.store, desk.settings)
        await desk.store.wake_all(repository)


EVENT = Event("push", frozenset({""}), answer)
