"""Where the App arrives, each repository is welcomed in a delivery of its own: one that fails keeps no other waiting."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from bot.errors import InputError
from bot.ids import DeliveryId
from bot.speech import payload
from bot.store.deliveries import Letter

if TYPE_CHECKING:
    from bot.desk import Delivery, Desk

EVENT: Final = "installation_repositories"
ADDED: Final = "repositories_added"
MOST: Final = 20
"""Repositories in which an onboarding pull request is opened at once; elsewhere it comes when Pawl is first spoken to."""


def listed(delivery: Delivery, name: str) -> list[dict[str, Any]]:
    """Return the repositories that a delivery lists; raises InputError where it lists none."""
    found = delivery.payload.get(name)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise InputError(f"the payload's {name} is no list of repositories: GitHub sends one with this event")
    return found


async def announce(name: str, delivery: Delivery, desk: Desk) -> None:
    """Leave a delivery for each of the first repositories that one lists; again, it leaves none twice."""
    where = {"id": payload.installation(delivery.payload)}
    for each in listed(delivery, name)[:MOST]:
        told = {"id": payload.number(each, "id"), "full_name": payload.text(each, "full_name")}
        body = json.dumps({"action": "added", "installation": where, ADDED: [told]})
        await desk.store.deliver(Letter(DeliveryId(f"{delivery.id}-{told['id']}"), EVENT, "added", body, 0))
