"""One embedded server for the session, and for each test a database of its own, copied from a migrated template."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as properties
from pydantic import SecretStr

from bot.settings import Settings
from bot.store.embedded import Place, embedded
from bot.store.migration import migrate
from bot.store.store import Store, open_store
from tests.commands.room import room
from tests.doubles.github.fixture import github, github_process
from tests.doubles.models.fixture import models, models_process
from tests.github.hosted import hub

__all__ = ["github", "github_process", "hub", "models", "models_process", "room"]  # fixtures that live elsewhere

properties.register_profile("by no clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
properties.load_profile("by no clock")


@pytest.fixture(scope="session", autouse=True)
def nobodys_models() -> Iterator[None]:
    """Whatever keys a developer has, no test asks a real model unless it says so itself."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [*os.environ]:
            if name.startswith(("OPENAI_", "ANTHROPIC_", "PAWL_MODEL", "PAWL_ENDPOINTS", "PAWL_PRICES")):
                patch.delenv(name)
        yield


def other(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a server whose database ``template`` has Pawl's schema."""
    memory = Path("/dev/shm")
    home = Path(tempfile.mkdtemp(prefix="pawl-tests-", dir=memory if os.access(memory, os.W_OK) else None))
    with asyncio.Runner() as runner:
        using = embedded(Place(home, home / "cache"), linger=0.2)
        running = runner.run(using.__aenter__())
        url = runner.run(running.ensure())
        runner.run(_template(url))
        yield url
        runner.run(using.__aexit__(None, None, None))
    with (home / "postgres" / "server").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # free once the server is gone
    shutil.rmtree(home)


async def _template(url: str) -> None:
    connection = await asyncpg.connect(url)
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        await connection.execute(f"ALTER SYSTEM SET {setting} = off")  # nothing here must survive a power cut
    await connection.execute("SELECT pg_reload_conf()")
    await connection.execute("CREATE DATABASE template")
    await connection.close()
    connection = await asyncpg.connect(other(url, "template"))
    await migrate(connection)
    await connection.close()


@asynccontextmanager
async def fresh(server: str) -> AsyncIterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE template")
        yield other(server, name)
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


@pytest.fixture
async def database(server: str) -> AsyncIterator[str]:
    """The address of a fresh database with Pawl's schema."""
    async with fresh(server) as url:
        yield url


@pytest.fixture
async def connection(database: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(database)
    yield connection
    await connection.close()


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    async with open_store(Settings(DATABASE_URL=SecretStr(database))) as opened:
        yield opened
