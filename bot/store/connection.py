"""Connections to Postgres, and what its errors mean to the rest of Pawl."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import asyncpg

from bot.errors import Fatal, InputError, Retryable, UserError

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]

Address = Callable[[], Awaitable[str]]
"""Returns where the database is now; asked again whenever a connection is made."""

_NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")

OLDEST: Final = 150000
"""The least server version, as ``server_version_num``: Postgres 15."""


async def connect(address: Address) -> asyncpg.Connection[asyncpg.Record]:
    """Return a connection of one's own; raises Retryable or UserError where there is none to be had."""
    with translated():
        connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(await address(), timeout=10)
    return connection


@asynccontextmanager
async def pool(address: Address, size: int = 8) -> AsyncIterator[Pool]:
    """Open a pool of at most ``size`` connections."""

    async def fresh(*_old: Any, **settings: Any) -> Any:
        return await asyncpg.connect(await address(), **{**settings, "timeout": 10})

    with translated():
        made: Pool = await asyncpg.create_pool(min_size=1, max_size=size, connect=cast("Any", fresh), reset=_reset)
    try:
        yield made
    finally:
        try:
            async with asyncio.timeout(5):
                await made.close()
        except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            made.terminate()


async def _reset(connection: Connection) -> None:
    """Make a connection fit for its next user.

    Pawl's settings and locks are a transaction's own, so only one that was left within a transaction has anything to forget;
    asking the server to forget everything each time would cost every call a second way there and back.
    """
    if connection.is_in_transaction():
        await connection.reset()


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into Pawl's: gone for now, wrong address, full disk, or broken."""
    try:
        yield
    except (asyncpg.DiskFullError, asyncpg.OutOfMemoryError) as error:
        raise UserError(f"the database has no room left ({error}): make some and try again") from error
    except (
        asyncpg.InvalidAuthorizationSpecificationError,
        asyncpg.InvalidCatalogNameError,
        asyncpg.ClientConfigurationError,
    ) as error:
        raise InputError(f"the database refuses the connection ({error}): correct DATABASE_URL") from error
    except (
        OSError,
        TimeoutError,
        asyncpg.PostgresConnectionError,
        asyncpg.OperatorInterventionError,
        asyncpg.TooManyConnectionsError,
        asyncpg.TransactionRollbackError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,  # what it says of a connection that was ended between two calls
    ) as error:
        raise Retryable(f"the database does not answer ({str(error) or type(error).__name__})") from error
    except (asyncpg.DataCorruptedError, asyncpg.IndexCorruptedError) as error:
        raise UserError(f"the database is damaged ({error}): restore it from a copy") from error
    except asyncpg.PostgresError as error:
        raise Fatal(f"the database says: {error}") from error


def clean(text: str) -> str:
    """Return the text as Postgres can hold it: NUL and lone surrogates become the replacement character."""
    return _NO_TEXT.sub("\ufffd", text)


def storable(text: str, what: str) -> str:
    """Return the text if Postgres can hold it as it is; raises InputError, naming ``what``, where it cannot."""
    if clean(text) != text:
        raise InputError(f"{what} holds characters that are no text: {text!r}; rename it")
    return text
