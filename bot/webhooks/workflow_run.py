"""``workflow_run``: where the workflow that runs the gates has ended, what has not been answered never will be."""

from __future__ import annotations

from bot.desk import Delivery, Desk
from bot.speech import payload
from bot.webhook import Event


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Write down how it ended; the worker that waits for it completes what is missing as red."""
    told = delivery.payload
    _, repository = payload.repository(told)
    ended = payload.part(told, "workflow_run")
    conclusion = payload.text(ended, "conclusion") or "no conclusion"
    await desk.store.examinations.ended(repository, payload.number(ended, "id"), conclusion)


EVENT = Event("workflow_run", frozenset({"completed"}), answer)
