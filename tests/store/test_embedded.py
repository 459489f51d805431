from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from bot.errors import Retryable, UserError
from bot.store import embedded as module
from bot.store.binaries import Account
from bot.store.embedded import EmbeddedServer, Place, embedded

LINGER = 0.3
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Where a server's files need no disk."""


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A home whose server was made and stopped again, to be copied."""
    home = Path(tempfile.mkdtemp(prefix="pawl-", dir=MEMORY))
    asyncio.run(_make(Place(home, home / "cache")))
    yield home
    shutil.rmtree(home)


async def _make(place: Place) -> None:
    async with embedded(place, LINGER) as server:
        await told(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    await stopped(place)


@pytest.fixture
def place(made: Path) -> Iterator[Place]:
    """A place of one's own that has data already."""
    home = Path(tempfile.mkdtemp(prefix="pawl-", dir=MEMORY))
    copy(made, home)
    yield Place(home, home / "cache")
    asyncio.run(stopped(Place(home, home / "cache")))
    shutil.rmtree(home)


def copy(made: Path, home: Path) -> None:
    subprocess.run(["cp", "-a", str(made / "postgres"), str(home)], check=True)


async def told(server: EmbeddedServer, sql: str) -> object:
    connection = await asyncpg.connect(await server.ensure())
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def stopped(place: Place) -> None:
    """Wait until no process of the server is left."""
    if not place.folder.is_dir():
        return
    with (place.folder / "server").open("w") as lock:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)


def server_pid(place: Place) -> int:
    return int((place.data / "postmaster.pid").read_text().splitlines()[0])


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def mode(file: Path | None) -> int:
    assert file is not None
    return file.stat().st_mode


def socket_of(place: Place) -> Path | None:
    address = place.folder / "address"
    return Path(address.read_text()) if address.exists() else None


def put(file: Path, text: str) -> None:
    """Replace a file of the server's with one of the same owner and mode."""
    mode, owner, group = file.stat().st_mode, file.stat().st_uid, file.stat().st_gid
    file.write_text(text)
    file.chmod(mode)
    os.chown(file, owner, group)


async def refusal(place: Place) -> str:
    with pytest.raises(UserError) as error:
        async with embedded(place, LINGER):
            pass
    assert "\n" not in str(error.value)
    return str(error.value)


async def test_data_outlives_the_server_and_secrets_are_private(place: Place) -> None:
    async with embedded(place, LINGER) as server:
        assert await told(server, "SELECT answer FROM kept") == 42
        assert await told(server, "SHOW listen_addresses") == ""
        assert await told(server, "SHOW fsync") == "on"
        socket = socket_of(place)
        assert not mode(socket) & 0o077
    for private in ("password", "users", "server"):
        assert not mode(place.folder / private) & 0o077
    assert not mode(place.data) & 0o077
    await stopped(place)
    assert socket_of(place) is None
    assert socket is not None
    assert socket not in list(socket.parent.iterdir())


async def test_the_password_is_asked_for(place: Place) -> None:
    async with embedded(place, LINGER) as server:
        url = await server.ensure()
        word = module._password(place)
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(url.replace(word, "guess"))


async def test_many_at_once_share_one_server(place: Place) -> None:
    async def use() -> tuple[object, str]:
        async with embedded(place, LINGER) as server:
            await asyncio.sleep(0.2)
            return await told(server, "SELECT pg_postmaster_start_time()"), await server.ensure()

    found = await asyncio.gather(*(use() for _ in range(4)))
    assert len(set(found)) == 1


async def test_a_killed_user_keeps_nothing_alive(place: Place) -> None:
    code = (
        "import asyncio, pathlib, sys; from bot.store.embedded import Place, embedded\n"
        "async def main():\n"
        "    home = pathlib.Path(sys.argv[1])\n"
        "    async with embedded(Place(home, home / 'cache'), 0.3):\n"
        "        print('ready', flush=True); await asyncio.sleep(600)\n"
        "asyncio.run(main())"
    )
    user = await asyncio.create_subprocess_exec(sys.executable, "-c", code, str(place.home), stdout=asyncio.subprocess.PIPE)
    assert user.stdout is not None
    assert await user.stdout.readline() == b"ready\n"
    async with embedded(place, LINGER) as server:
        assert await told(server, "SELECT 1") == 1
    await asyncio.sleep(3 * LINGER)
    os.kill(server_pid(place), 0)  # the other one still uses it
    user.kill()
    await user.wait()
    await stopped(place)


@pytest.mark.skipif(sys.platform != "linux", reason="finds the supervisor through /proc")
async def test_a_killed_supervisor_takes_its_server_along_and_another_comes(place: Place) -> None:
    async with embedded(place, LINGER) as server:
        old = server_pid(place)
        os.kill(parent(old), signal.SIGKILL)
        while await module._answering(place) is not None:  # noqa: ASYNC110 - the kernel is at it
            await asyncio.sleep(0.02)
        assert await told(server, "SELECT answer FROM kept") == 42
        assert server_pid(place) != old


async def test_a_killed_server_comes_back_with_its_data(place: Place) -> None:
    async with embedded(place, LINGER) as server:
        await told(server, "INSERT INTO kept VALUES (43)")
        os.kill(server_pid(place), signal.SIGKILL)
        async with asyncio.timeout(60):
            while True:
                try:
                    assert await told(server, "SELECT sum(answer) FROM kept") == 85
                    break
                except (OSError, asyncpg.PostgresError, UserError, Retryable):
                    await asyncio.sleep(0.05)


async def test_a_number_used_again_does_not_keep_the_server_from_starting(place: Place) -> None:
    put(place.data / "PG_VERSION", "18\n")
    (place.data / "postmaster.pid").write_text(f"{os.getpid()}\n{place.data}\n1\n5432\n/tmp\n\n  1 1\nready\n")
    async with embedded(place, LINGER) as server:
        assert await told(server, "SELECT answer FROM kept") == 42


async def test_a_removed_home_ends_its_server(place: Place) -> None:
    async with embedded(place, LINGER):
        lock = (place.folder / "server").open("w")
        shutil.rmtree(place.folder, ignore_errors=True)
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        lock.close()


async def test_a_long_path_gets_a_short_socket(made: Path, place: Place) -> None:
    home = place.home / ("long" * 30)
    home.mkdir()
    copy(made, home)
    deep = Place(home, place.cache)
    async with embedded(deep, LINGER) as server:
        assert await told(server, "SELECT answer FROM kept") == 42
        assert len(str(socket_of(deep))) < 90
    await stopped(deep)


async def test_another_major_version_is_refused_with_what_to_do(place: Place) -> None:
    put(place.data / "PG_VERSION", "15\n")
    said = await refusal(place)
    assert "is of Postgres 15 and this Pawl brings Postgres 18" in said
    assert "pg_dumpall" in said


async def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path)
    place.data.mkdir(parents=True)
    (place.data / "thesis.txt").write_text("three years of work")
    assert "is not empty and holds no Postgres database: move it away" in await refusal(place)
    assert [each.name for each in place.data.iterdir()] == ["thesis.txt"]


async def test_a_damaged_database_is_left_alone(place: Place) -> None:
    put(place.data / "global" / "pg_control", "x" * 8192)
    before = sorted(each.name for each in place.data.iterdir())
    said = await refusal(place)
    assert f"the database in {place.data} does not start (" in said
    assert "move it away and Pawl begins a new one" in said
    assert sorted(each.name for each in place.data.iterdir()) == before


async def test_a_lost_password_is_said(place: Place) -> None:
    word = place.folder / "password"
    word.rename(place.folder / "elsewhere")
    async with embedded_without_password(place) as said:
        assert f"{word} cannot be read" in said
    (place.folder / "elsewhere").rename(word)
    put(word, "wrong")
    assert f"{word} is not the password of the database" in await refusal(place)


class embedded_without_password:  # noqa: N801 - reads like the context manager it stands for
    def __init__(self, place: Place) -> None:
        self.place = place

    async def __aenter__(self) -> str:
        return await refusal(self.place)

    async def __aexit__(self, *_: object) -> None:
        await stopped(self.place)


async def test_a_home_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    said = await refusal(Place(tmp_path / "home", tmp_path))
    assert said.startswith(f"cannot write to {tmp_path / 'home' / 'postgres'} (Not a directory): ")
    assert "set PAWL_HOME" in said


async def test_a_start_that_was_killed_midway_is_begun_again(tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path / "cache")
    (place.folder / "data.new" / "base").mkdir(parents=True)
    (place.folder / "password.new").write_text("half")
    place.data.mkdir()
    async with embedded(place, LINGER) as server:
        assert await told(server, "SELECT 1") == 1
    assert not (place.folder / "data.new").exists()
    await stopped(place)


async def test_another_command_that_hangs_is_not_waited_for_forever(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAIT", 0.05)
    with (place.folder / "start").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another command is stuck starting or stopping the database" in await refusal(place)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ('FATAL:  could not write to file "pg_wal/xlogtemp.42": No space left on device', "no space left on the disk of"),
        ("LOG:  x\nFATAL:  lock file is empty\nHINT: y", "does not start (lock file is empty)"),
        ("initdb: error: program postgres is needed", "does not start (program postgres is needed)"),
        ("one\nthe server crashed 6 times", "does not start (the server crashed 6 times)"),
        ("", "does not start (no reason given)"),
    ],
)
def test_what_postgres_said_becomes_one_sentence(tmp_path: Path, said: str, sentence: str) -> None:
    found = module._why_not(said, Place(tmp_path, tmp_path))
    assert sentence in found
    assert "\n" not in found


def test_a_socket_directory_that_somebody_else_made_is_not_used(tmp_path: Path) -> None:
    mine, open_, link = tmp_path / "mine", tmp_path / "open", tmp_path / "link"
    mine.mkdir(mode=0o700)
    open_.mkdir()
    open_.chmod(0o755)
    link.symlink_to(mine)
    assert module._private(mine, None)
    assert module._private(tmp_path / "new", None)
    assert not module._private(open_, None)
    assert not module._private(link, None)
    assert not module._private(tmp_path / "no" / "parent", None)
    assert not module._private(mine, Account(54321, 54321))


def test_no_place_for_a_socket_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_private", lambda _folder, _who: False)
    with pytest.raises(UserError, match="no directory for the database's socket has a path that is short enough"):
        module._socket(Place(tmp_path, tmp_path), None)
