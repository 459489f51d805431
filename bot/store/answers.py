"""Answers to questions about the code, looked up again: which bugs were suspected in a repository."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bot.errors import InputError
from bot.history import Answered, Suspect
from bot.ids import RepoName
from bot.store import outputs
from bot.store.connection import clean

if TYPE_CHECKING:
    from bot.store.connection import Connection

_MOST: Final = 200
"""Newest answers of a repository that are looked into."""

_BUG: Final = re.compile(r"\bbug:[0-9a-f]{8}\b")
_NOTHING_MORE: Final = re.compile(r"(?:please\s+)?(?:fix|repair|mend)?[\s:.]*", re.IGNORECASE)


async def mending(connection: Connection, text: str, repo: RepoName, repository: int | None = None) -> str:
    """Return an instruction's text; where it names a suspected bug (``bug:ab12cd34``), with that bug's own words.

    Raises:
        InputError: no such bug was reported in this repository.
    """
    named = _BUG.search(text)
    if named is None:
        return text
    found = await suspect(connection, named[0], repo, repository)
    if found is None:
        raise InputError(f"no {named[0]} was reported in this repository: look for bugs first (`debug`), and name one it tells")
    rest = text.replace(named[0], " ").strip()
    return found.wish if _NOTHING_MORE.fullmatch(rest) else f"{rest}\n\n{found.wish}"


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
