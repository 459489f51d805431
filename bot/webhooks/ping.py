"""``ping``: GitHub asks once, when the App's webhook is set up, whether anybody is there."""

from __future__ import annotations

from bot import logs
from bot.desk import Delivery, Desk
from bot.webhook import Event

_log = logs.get(__name__)


async def answer(delivery: Delivery, _desk: Desk) -> None:
    """Note that the webhook works."""
    _log.info("GitHub's webhook reaches this server", hook=delivery.payload.get("hook_id"))


EVENT = Event("ping", frozenset({""}), answer)
