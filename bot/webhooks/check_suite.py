"""``check_suite``: *Re-run all checks* asks Pawl to judge that commit again."""

from __future__ import annotations

from typing import Any

from bot.board import RETRY
from bot.desk import Delivery, Desk, Place
from bot.doors import button
from bot.github import checks
from bot.speech import payload
from bot.webhook import Event


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Retry the newest run that wrote checks on the suite's commit."""
    await button.clicked(RETRY, "", await _marks(delivery, desk), delivery, desk)


async def asked_in(delivery: Delivery, desk: Desk) -> Place | None:
    """Return where the newest run that wrote checks on the commit was asked for; None where none did."""
    return await button.asked_in(await _marks(delivery, desk), delivery, desk)


async def _marks(delivery: Delivery, desk: Desk) -> list[dict[str, Any]]:
    """Return what the checks on the suite's commit say of themselves; none where the suite is another App's."""
    told = delivery.payload
    name, _ = payload.repository(told)
    suite = payload.part(told, "check_suite")
    if payload.part(suite, "app").get("id") != desk.github.id:
        return []
    repository = await desk.repository(payload.installation(told), name)
    seen = await checks.runs(repository, payload.sha(suite, "head_sha"))
    return [{"app": {"id": each.app_id}, "external_id": each.external_id} for each in seen]


EVENT = Event("check_suite", frozenset({"rerequested"}), answer, asked_in=asked_in)
