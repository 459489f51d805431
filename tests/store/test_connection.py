import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Fatal, InputError, PawlError, Retryable, UserError
from bot.store.connection import clean, connect, pool, storable, translated


@pytest.mark.parametrize(
    ("raised", "becomes"),
    [
        (asyncpg.DiskFullError("could not extend file: No space left on device"), UserError),
        (asyncpg.InvalidPasswordError("no"), InputError),
        (asyncpg.InvalidCatalogNameError("no such database"), InputError),
        (OSError("connection refused"), Retryable),
        (TimeoutError(), Retryable),
        (asyncpg.ConnectionDoesNotExistError("closed"), Retryable),
        (asyncpg.CannotConnectNowError("starting up"), Retryable),
        (asyncpg.AdminShutdownError("bye"), Retryable),
        (asyncpg.DeadlockDetectedError("deadlock"), Retryable),
        (asyncpg.InterfaceError("pool is closing"), Retryable),
        (asyncpg.InternalClientError("cannot switch to state 12"), Retryable),
        (asyncpg.DataCorruptedError("invalid page in block 0"), UserError),
        (asyncpg.UndefinedTableError("no such table"), Fatal),
    ],
)
def test_the_drivers_errors_become_ours(raised: Exception, becomes: type[PawlError]) -> None:
    with pytest.raises(becomes) as error, translated():
        raise raised
    assert type(error.value) is becomes
    assert str(error.value)


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(KeyError), translated():
        raise KeyError


@given(st.text(st.characters(codec=None, categories=None)))
def test_cleaned_text_can_be_stored(text: str) -> None:
    done = clean(text)
    assert "\0" not in done
    done.encode("utf-8")
    assert clean(done) == done


def test_names_that_cannot_be_stored_are_refused() -> None:
    assert storable("/home/ann/café", "the path") == "/home/ann/café"
    with pytest.raises(InputError, match="the path holds characters that are no text"):
        storable("/home/ann/caf\udce9", "the path")


async def nowhere() -> str:
    return "postgresql://pawl@/db?host=/nonexistent"


async def test_no_server_is_worth_trying_again() -> None:
    with pytest.raises(Retryable, match="the database does not answer"):
        await connect(nowhere)
    with pytest.raises(Retryable, match="the database does not answer"):
        async with pool(nowhere):
            pass


async def test_a_wrong_password_is_the_users_to_mend(server: str) -> None:
    async def wrong() -> str:
        return server.replace("pawl:", "pawl:x")

    with pytest.raises(InputError, match="correct DATABASE_URL"):
        await connect(wrong)


async def test_a_pool_asks_again_where_the_database_is(server: str) -> None:
    asked = 0

    async def address() -> str:
        nonlocal asked
        asked += 1
        return server

    async with pool(address, size=2) as opened, opened.acquire() as one, opened.acquire() as two:
        assert await one.fetchval("SELECT 1") == await two.fetchval("SELECT 1")
    assert asked == 2
