"""Chores of the schedule: when each was last begun, so that of several processes one does it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.store.connection import Connection


async def begun(connection: Connection) -> dict[str, datetime]:
    """Return when each chore was last begun."""
    return {row["name"]: row["begun"] for row in await connection.fetch("SELECT name, begun FROM chore")}


async def take(connection: Connection, name: str, before: datetime | None, now: datetime) -> bool:
    """Write that a chore is begun ``now``, where it was last begun at ``before``; False where somebody else was faster."""
    done = await connection.fetchval(
        "INSERT INTO chore (name, begun) VALUES ($1, $3) ON CONFLICT (name) DO UPDATE SET begun = $3"
        " WHERE chore.begun = $2 RETURNING true",
        name,
        before,
        now,
    )
    return bool(done)
