"""``check_suite``: *Re-run all checks* asks Pawl to judge that commit again."""

from __future__ import annotations

from bot.board import RETRY
from bot.desk import Delivery, Desk
from bot.doors import button
from bot.github import checks
from bot.speech import payload
from bot.webhook import Event


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Retry the newest run that wrote checks on the suite's commit."""
    told = delivery.payload
    name, _ = payload.repository(told)
    suite = payload.part(told, "check_suite")
    if payload.part(suite, "app").get("id") != desk.github.id:
        return
    repository = await desk.repository(payload.installation(told), name)
    seen = await checks.runs(repository, payload.sha(suite, "head_sha"))
    marks = [{"app": {"id": each.app_id}, "external_id": each.external_id} for each in seen]
    await button.clicked(RETRY, "", marks, delivery, desk)


EVENT = Event("check_suite", frozenset({"rerequested"}), answer)
