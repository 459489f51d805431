"""Caps: how many runs a person, a repository and everybody together may ask for in a day, counted where runs are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot.errors import Refused
from bot.run import Instruction

if TYPE_CHECKING:
    from bot.store.connection import Connection

_DAY: Final = timedelta(hours=24)


@dataclass(frozen=True)
class Caps:
    """Most runs within 24 hours."""

    user: int = 30
    repository: int = 100
    day: int = 1000
    """Of the whole installation."""


async def require(connection: Connection, wish: Instruction, most: Caps) -> None:
    """Make sure, until the transaction ends, that one more run is within the caps; runs of a laptop are not counted.

    Raises:
        Refused: it is not; the sentence says who asked for how much, and until when to wait.
    """
    if wish.origin is None:
        return
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('caps', 0))")
    for column, value, cap, who, setting in (
        ("origin_requester", wish.origin.requester, most.user, f"@{wish.requester}", "PAWL_RUNS_PER_USER"),
        ("origin_repository", wish.origin.repository, most.repository, wish.repo, "PAWL_RUNS_PER_REPOSITORY"),
        ("", 0, most.day, "everybody together", "PAWL_RUNS_PER_DAY"),
    ):
        since = await _reached(connection, column, value, cap)
        if since is not None:
            again = (since + _DAY).astimezone(UTC)
            raise Refused(
                f"{who} asked for {cap} runs within 24 hours, which is as many as may be:"
                f" ask again after {again:%H:%M} UTC, or have the operator raise {setting}"
            )


async def _reached(connection: Connection, column: str, value: int, cap: int) -> datetime | None:
    """Return when the oldest of the last ``cap`` runs was made, where there are that many within a day."""
    where = f"{column} = $3" if column else "$3::bigint IS NOT NULL AND origin_repository IS NOT NULL"
    rows = await connection.fetch(
        f"SELECT created FROM run WHERE created > clock_timestamp() - $1::interval AND {where} ORDER BY created DESC LIMIT $2",  # noqa: S608 - column names from above
        _DAY,
        cap,
        value,
    )
    return rows[-1]["created"] if len(rows) >= cap else None
