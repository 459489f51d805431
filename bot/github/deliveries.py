"""Webhook deliveries as GitHub remembers them: which never got through, and asking for them again.

GitHub tries once. Who was away asks for what it missed; a repetition keeps its delivery id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from bot.errors import Fatal
from bot.github.app import App
from bot.ids import DeliveryId, InstallationId

_LEAST_OK: Final = 200
_MOST_OK: Final = 399


@dataclass(frozen=True)
class DeliveryRow:
    """One attempt to deliver; ``id`` names the attempt, ``guid`` the delivery."""

    id: int
    guid: DeliveryId
    event: str
    action: str
    status_code: int
    redelivered: bool
    """Whether this attempt was one that somebody asked for."""
    delivered: datetime
    installation: InstallationId | None = None
    attempts: int = 1
    """How many there were of this delivery since the time that was asked for."""

    @property
    def got_through(self) -> bool:
        """Whether the door took it."""
        return _LEAST_OK <= self.status_code <= _MOST_OK


async def failed_since(app: App, since: datetime) -> list[DeliveryRow]:
    """Return the newest attempt of each delivery since a time that never got through, oldest first."""
    if since.tzinfo is None:
        raise Fatal("the time since which deliveries are wanted has no zone")
    rows: list[DeliveryRow] = []
    async for each in (await app.client()).pages("/app/hook/deliveries"):
        row = _row(each)
        if row.delivered < since:
            break
        rows.append(row)
    return never_through(rows)


async def redeliver(app: App, delivery: int) -> None:
    """Ask GitHub to deliver once more; ``delivery`` is the id of an attempt."""
    await (await app.client()).post(f"/app/hook/deliveries/{delivery}/attempts")


def never_through(rows: Iterable[DeliveryRow]) -> list[DeliveryRow]:
    """Return for each delivery without one good attempt its newest attempt, oldest first."""
    by_guid: dict[DeliveryId, list[DeliveryRow]] = {}
    for row in rows:
        by_guid.setdefault(row.guid, []).append(row)
    failed = [tries for tries in by_guid.values() if not any(each.got_through for each in tries)]
    newest = [(max(tries, key=lambda each: (each.delivered, each.id)), len(tries)) for tries in failed]
    counted = [replace(row, attempts=attempts) for row, attempts in newest]
    return sorted(counted, key=lambda each: (each.delivered, each.id))


def _row(told: Mapping[str, Any]) -> DeliveryRow:
    installation = told.get("installation_id")
    return DeliveryRow(
        id=int(told["id"]),
        guid=DeliveryId(str(told["guid"])),
        event=str(told["event"]),
        action=str(told.get("action") or ""),
        status_code=int(told["status_code"]),
        redelivered=bool(told.get("redelivery")),
        delivered=datetime.fromisoformat(str(told["delivered_at"])),
        installation=InstallationId(int(installation)) if installation else None,
    )
