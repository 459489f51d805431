"""``push``: when the default branch moves, what waits to be merged into it may stand differently."""

from __future__ import annotations

from bot import payload
from bot.desk import Delivery, Desk
from bot.webhook import Event


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Wake the repository's sleeping runs; pushes to a pull request come as ``pull_request.synchronize``."""
    told = delivery.payload
    default = payload.text(payload.part(told, "repository"), "default_branch")
    if payload.text(told, "ref") == f"refs/heads/{default}":
        _, repository = payload.repository(told)
        await desk.store.wake_all(repository)


EVENT = Event("push", frozenset({""}), answer)
