from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from bot.errors import InputError, Retryable
from bot.ids import RunId
from bot.settings import Settings
from bot.store.store import Store, open_store

if TYPE_CHECKING:
    from pathlib import Path

    from bot.store.connection import Connection as Db


async def test_an_external_database_is_brought_up_to_date(server: str, connection: Db) -> None:
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    name = await connection.fetchval("SELECT current_database()")
    url = server.replace("/postgres?", f"/{name}?")
    async with open_store(Settings(DATABASE_URL=SecretStr(url))) as store:
        assert await store.listed() == ()
    assert await connection.fetchval("SELECT count(*) FROM migration") > 0


async def test_no_external_database_is_said(tmp_path: Path) -> None:
    settings = Settings(DATABASE_URL=SecretStr(f"postgresql://pawl:hunter2@/db?host={tmp_path}"))
    with pytest.raises(Retryable, match="the database does not answer") as error:
        async with open_store(settings):
            pass
    assert "hunter2" not in str(error.value)


def test_the_dispatcher_is_imported_only_by_who_works() -> None:
    code = "import sys, bot.store.store; sys.exit('pgqueuer' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_a_broken_connection_is_made_again(store: Store, connection: Db) -> None:
    assert await store.listed() == ()
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    found = None
    for _ in range(3):
        try:
            found = await store.listed()
            break
        except Retryable:
            continue
    assert found == ()
    with pytest.raises(InputError):
        await store.get(RunId("none"))
