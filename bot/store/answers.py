"""Answers to questions about the code, looked up again: which bugs were suspected in a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.history import Answered, Suspect
from bot.ids import RepoName
from bot.store import outputs
from bot.store.connection import clean

if TYPE_CHECKING:
    from bot.store.connection import Connection

_MOST: Final = 200
"""Newest answers of a repository that are looked into."""


async def suspect(connection: Connection, bug: str, repo: RepoName, repository: int | None = None) -> Suspect | None:
    """Return a suspected bug as the newest answer that has it tells it; None where none does.

    ``repository`` is the number of a repository on GitHub, whose name may change; on a laptop its path says which it is.
    """
    rows = await connection.fetch(
        "SELECT body FROM output JOIN run ON run.id = output.run WHERE output.kind = 'Answered'"
        " AND CASE WHEN $2::bigint IS NULL THEN run.repo = $1 AND origin_repository IS NULL ELSE origin_repository = $2 END"
        " ORDER BY output.created DESC LIMIT $3",
        clean(repo),
        repository,
        _MOST,
    )
    for row in rows:
        answered = outputs.load("Answered", row["body"])
        for each in answered.suspects if isinstance(answered, Answered) else ():
            if each.id == bug:
                return each
    return None
