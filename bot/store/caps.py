"""Caps: how many runs a person, a repository and everybody together may ask for in a day, counted where runs are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot.errors import Refused
from bot.run import OPEN, Instruction, Origin

if TYPE_CHECKING:
    from bot.store.connection import Connection

QUESTIONS: Final = 0.25
"""Share of a day's runs, and money, that questions may take: anybody may ask on a public repository, and work has to go on."""
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
    for each in _caps(wish, wish.origin, most):
        since = await _reached(connection, each)
        if since is not None:
            again = (since + _DAY).astimezone(UTC)
            raise Refused(
                f"{each.who} asked for {each.most} {'questions' if each.open else 'runs'} within 24 hours, which is as many as"
                f" may be: ask again after {again:%H:%M} UTC, or have the operator raise {each.setting}"
            )


@dataclass(frozen=True)
class _Cap:
    who: str
    most: int
    setting: str
    column: str = ""
    """What its runs have in common; '' for all of GitHub's."""
    value: int = 0
    open: bool = False
    """Whether only questions count that whoever may read may ask."""


def _caps(wish: Instruction, origin: Origin, most: Caps) -> Iterator[_Cap]:
    user, repository, day = "PAWL_RUNS_PER_USER", "PAWL_RUNS_PER_REPOSITORY", "PAWL_RUNS_PER_DAY"
    if wish.queued is None:  # a merge queue asks by itself, as often as it merges
        yield _Cap(f"@{wish.requester}", most.user, user, "origin_requester", origin.requester)
    yield _Cap(wish.repo, most.repository, repository, "origin_repository", origin.repository)
    yield _Cap("everybody together", most.day, day)
    if wish.inquiry in OPEN:
        here, everywhere = (max(1, int(each * QUESTIONS)) for each in (most.repository, most.day))
        yield _Cap(wish.repo, here, repository, "origin_repository", origin.repository, open=True)
        yield _Cap("everybody together", everywhere, day, open=True)


async def _reached(connection: Connection, cap: _Cap) -> datetime | None:
    """Return when the oldest of the last runs was made, where there are as many as may be within a day."""
    where = f"{cap.column} = $3" if cap.column else "$3::bigint IS NOT NULL AND origin_repository IS NOT NULL"
    only = " AND inquiry IN ('ask', 'explain')" if cap.open else ""
    rows = await connection.fetch(
        f"SELECT created FROM run WHERE created > clock_timestamp() - $1::interval AND {where}{only}"  # noqa: S608 - own words
        " ORDER BY created DESC LIMIT $2",
        _DAY,
        cap.most,
        cap.value,
    )
    return rows[-1]["created"] if len(rows) >= cap.most else None
