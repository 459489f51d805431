"""Bring a database's schema up to date: numbered SQL files, each once, in order, under one lock.

A file is named ``NNNN_pre_what.sql`` or ``NNNN_post_what.sql``. *pre* files run before new code starts and must suit the old code
too; *post* files clean up when no old code runs any more.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import TYPE_CHECKING, Final

from bot.errors import Fatal, UserError
from bot.store.connection import OLDEST, translated

if TYPE_CHECKING:
    from bot.store.connection import Connection

_NAME: Final = re.compile(r"(\d{4})_(pre|post)_([a-z0-9_]+)\.sql")
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended('pawl migrations', 0))"
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS migration (
    number   integer PRIMARY KEY,
    name     text NOT NULL,
    digest   text NOT NULL,
    applied  timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""


class Phase(StrEnum):
    """When a migration runs, as seen from the new code's start."""

    PRE = "pre"
    POST = "post"


@dataclass(frozen=True)
class Migration:
    """One numbered file."""

    number: int
    phase: Phase
    name: str
    sql: str

    @property
    def digest(self) -> str:
        """Identity of its content."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations() -> tuple[Migration, ...]:
    """Return all of Pawl's migrations in order; raises Fatal where their numbers have gaps or repeat."""
    found = []
    for file in resources.files("bot.store").joinpath("migrations").iterdir():
        match = _NAME.fullmatch(file.name)
        if match:
            found.append(Migration(int(match[1]), Phase(match[2]), match[3], file.read_text(encoding="utf-8")))
    found.sort(key=lambda each: each.number)
    if [each.number for each in found] != list(range(1, len(found) + 1)):
        raise Fatal(f"the migrations are not numbered from 1 on: {[each.number for each in found]}")
    return tuple(found)


async def migrate(
    connection: Connection, phases: frozenset[Phase] = frozenset(Phase), known: tuple[Migration, ...] = ()
) -> list[str]:
    """Apply what is missing, up to the first file of a phase that is not asked for; return the applied names.

    Raises:
        UserError: the server is too old, or a newer Pawl made the database, or a file was changed after it was applied.
    """
    wanted = known or migrations()
    with translated():
        await _check_server(connection)
        made = await connection.fetchval("SELECT to_regclass('migration') IS NOT NULL")
        if made and not await _missing(connection, wanted, phases):
            return []
        async with connection.transaction():
            await connection.execute(_LOCK)
            await connection.execute(_TABLE)
            missing = await _missing(connection, wanted, phases)
            for each in missing:
                await connection.execute(each.sql)
                await connection.execute(
                    "INSERT INTO migration (number, name, digest) VALUES ($1, $2, $3)", each.number, each.name, each.digest
                )
        return [each.name for each in missing]


async def _check_server(connection: Connection) -> None:
    version = int(await connection.fetchval("SHOW server_version_num"))
    if version < OLDEST:
        msg = f"the database is of Postgres {version // 10000} and Pawl needs {OLDEST // 10000} or later: use a newer server"
        raise UserError(msg)


async def _missing(connection: Connection, wanted: tuple[Migration, ...], phases: frozenset[Phase]) -> list[Migration]:
    applied = {row["number"]: row for row in await connection.fetch("SELECT number, name, digest FROM migration")}
    beyond = set(applied) - {each.number for each in wanted}
    if beyond:
        msg = f"a newer Pawl made this database (its migration {max(beyond)} is unknown here): install that version or later"
        raise UserError(msg)
    missing: list[Migration] = []
    for each in wanted:
        row = applied.get(each.number)
        if row is None:
            if each.phase not in phases:
                break
            missing.append(each)
        elif row["digest"] != each.digest:
            msg = f"migration {each.number} ({each.name}) differs from the one this database was made with: install Pawl again"
            raise UserError(msg)
    return missing
