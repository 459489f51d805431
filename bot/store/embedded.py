"""Pawl's own Postgres on this machine: made at the first use, started when somebody needs it, stopped soon after the last user.

It listens on a socket in a private directory only, asks for a password that lies in a 0600 file, and belongs to one home
directory. Any number of ``pawl`` commands share it; ``supervisor.py`` says how its life is kept in order. Whether it runs is
found out by connecting to it, never from a process id.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import asyncpg

from bot.errors import Retryable, UserError
from bot.store import supervisor
from bot.store.binaries import Account, Binaries, account, find, reachable, runnable

SETTINGS: Final = (
    "listen_addresses=",
    "shared_buffers=16MB",
    "max_connections=60",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=256MB",
    "min_wal_size=32MB",
    "max_worker_processes=1",
    "max_parallel_workers=0",
    "max_logical_replication_workers=0",
    "io_method=sync",
    "jit=off",
    "log_checkpoints=off",
)
"""Small and quick to start; nothing here trades safety for speed (fsync, full_page_writes and synchronous_commit stay on)."""

_LONGEST_SOCKET: Final = 107
"""Bytes in ``sockaddr_un.sun_path`` on Linux without the closing zero; macOS has 103, which the margin below covers."""
_SOCKET_NAME: Final = "/.s.PGSQL.5432.lock"
_STARTS: Final = 100
"""Most starts in a row: where an earlier server is just going, a start may find it still there."""
_WAIT: Final = 90.0
"""Seconds to wait for another command that is starting or stopping the server."""


@dataclass(frozen=True)
class Place:
    """Where one embedded server lives."""

    home: Path
    cache: Path
    runtime: Path | None = None
    """A private, short directory for sockets (``XDG_RUNTIME_DIR``)."""

    @property
    def folder(self) -> Path:
        """Everything of the server."""
        return self.home / "postgres"

    @property
    def data(self) -> Path:
        """Postgres' own directory."""
        return self.folder / "data"


class EmbeddedServer:
    """The server of one place, used by this process; get one from :func:`embedded`."""

    def __init__(self, place: Place, linger: float = 2.0) -> None:
        self._place = place
        self._linger = linger

    async def ensure(self) -> str:
        """Return the server's address, started where it does not answer; raises UserError where it cannot be had."""
        address = await _answering(self._place)
        if address is not None:
            return address
        lock = await _locked(self._place.folder / "start", fcntl.LOCK_EX, self._place)
        try:
            for _ in range(_STARTS):
                address = await _answering(self._place)
                if address is not None:
                    return address
                await asyncio.to_thread(_start, self._place, self._linger, lock)
        finally:
            os.close(lock)
        raise Retryable(f"the database in {self._place.data} was started and went away again")


@asynccontextmanager
async def embedded(place: Place, linger: float = 2.0) -> AsyncIterator[EmbeddedServer]:
    """Use the server of ``place``: while the context is open it stays up, or can be had again by ``ensure``.

    Raises:
        UserError: the home cannot be written, another command does not let go, or the server does not start.
    """
    try:
        place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = await _locked(place.folder / "users", fcntl.LOCK_SH, place)
    except OSError as error:
        msg = f"cannot write to {place.folder} ({error.strerror}): mend that, or set PAWL_HOME to another place"
        raise UserError(msg) from error
    try:
        server = EmbeddedServer(place, linger)
        await server.ensure()
        yield server
    finally:
        os.close(lock)


async def _locked(file: Path, how: int, place: Place) -> int:
    """Return a descriptor that holds the lock; whoever has it lets go by ending."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + _WAIT
    while True:
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                msg = f"another command is stuck starting or stopping the database in {place.folder}: end it and try again"
                raise UserError(msg) from None
            await asyncio.sleep(0.01)
        else:
            return descriptor


async def _answering(place: Place) -> str | None:
    """Return the server's address if it answers there."""
    try:
        socket = (place.folder / "address").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    password = _password(place)
    try:
        connection = await asyncpg.connect(host=socket, user="pawl", password=password, database="postgres", timeout=10)
    except asyncpg.InvalidPasswordError as error:
        msg = f"{place.folder / 'password'} is not the password of the database in {place.data}: put the right one back"
        raise UserError(msg) from error
    except asyncpg.TooManyConnectionsError:
        pass
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None
    else:
        await connection.close()
    return f"postgresql://pawl:{password}@/postgres?host={quote(socket, safe='')}"


def _password(place: Place) -> str:
    try:
        return (place.folder / "password").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{place.folder / 'password'} cannot be read, and the database in {place.data} needs it: put it back from a copy"
        raise UserError(msg) from error


def _start(place: Place, linger: float, lock: int) -> None:
    """Make the data directory where there is none, and start a supervisor; returns when the server is ready."""
    who = account(place.data)
    binaries = runnable(find(), who, place.cache)
    _check_data(place, binaries)
    try:
        if not place.data.exists() or not any(place.data.iterdir()):
            _initialise(place, binaries, who, lock)
        socket = _socket(place, who)
    except OSError as error:
        raise UserError(f"cannot make the database in {place.folder} ({error.strerror}): mend that, or set PAWL_HOME") from error
    orders = supervisor.Orders(
        postgres=binaries.program("postgres"),
        folder=str(place.folder),
        socket=str(socket),
        settings=SETTINGS,
        user=who.user if who else None,
        group=who.group if who else None,
        by_descriptor=not reachable(place.data, who),
        linger=linger,
    )
    command = [sys.executable, "-I", "-S", str(Path(supervisor.__file__)), orders.as_text()]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, cwd="/")
    if done.returncode != 0:
        raise UserError(_why_not(done.stderr.decode("utf-8", "replace"), place))


def _check_data(place: Place, binaries: Binaries) -> None:
    """Refuse what this server must not touch; an empty or missing directory is fine."""
    if not place.data.exists() or not any(place.data.iterdir()):
        return
    try:
        version = (place.data / "PG_VERSION").read_text(encoding="ascii").strip()
    except OSError:
        msg = f"{place.data} is not empty and holds no Postgres database: move it away and Pawl begins a new one"
        raise UserError(msg) from None
    if version != binaries.major:
        msg = (
            f"the database in {place.data} is of Postgres {version} and this Pawl brings Postgres {binaries.major}:"
            f" with Postgres {version}'s programs run `pg_dumpall -h {place.folder} -U pawl > pawl.sql` while its server runs,"
            f" move {place.data} away, and feed pawl.sql to the new one with psql"
        )
        raise UserError(msg)


def _initialise(place: Place, binaries: Binaries, who: Account | None, lock: int) -> None:
    """Make a new database beside its final place and move it there whole; the lock goes to initdb, so that no two ever run."""
    fresh = place.folder / "data.new"
    if fresh.exists():
        shutil.rmtree(fresh)
    fresh.mkdir(mode=0o700)
    word = place.folder / "password.new"
    word.unlink(missing_ok=True)
    word.touch(mode=0o600)
    word.write_text(secrets.token_hex(24), encoding="ascii")
    try:
        if who is not None:
            os.chown(fresh, who.user, who.group)
            os.chown(word, who.user, who.group)
        done = _initdb(fresh, word, binaries, who, lock)
        if done.returncode != 0:
            raise UserError(_why_not(done.stderr, place))
        os.chown(word, os.geteuid(), os.getegid())
        word.replace(place.folder / "password")
    finally:
        word.unlink(missing_ok=True)
    if place.data.exists():
        place.data.rmdir()
    fresh.rename(place.data)


def _initdb(fresh: Path, word: Path, binaries: Binaries, who: Account | None, lock: int) -> subprocess.CompletedProcess[str]:
    """Run initdb; directory and password go in as descriptors where its user may not walk to them."""
    directory, secret = os.open(fresh, os.O_RDONLY | os.O_DIRECTORY), os.open(word, os.O_RDONLY)
    near = reachable(fresh, who)
    command = [binaries.program("initdb"), "--username=pawl", "--auth=scram-sha-256", "--locale=C", "--encoding=UTF8"]
    command += ["-D", str(fresh) if near else f"/proc/self/fd/{directory}"]
    command += [f"--pwfile={word if near else f'/proc/self/fd/{secret}'}", "--no-instructions"]
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            cwd="/",
            env={"TZ": "UTC", "LC_ALL": "C", "PATH": os.defpath},
            pass_fds=(directory, secret, lock),
            user=who.user if who else None,
            group=who.group if who else None,
            extra_groups=[] if who else None,
        )
    finally:
        os.close(directory)
        os.close(secret)


def _socket(place: Place, who: Account | None) -> Path:
    """Return a private directory for the socket whose name is short enough and to which the server's user can walk."""
    name = f"pawl-{hashlib.sha256(os.fsencode(place.folder.resolve())).hexdigest()[:16]}"
    near = place.folder / "socket"
    bases = (place.runtime, Path(tempfile.gettempdir()), Path("/tmp"))  # noqa: S108 - the directory made there is private
    for candidate in [near, *(base / name for base in bases if base)]:
        if len(os.fsencode(f"{candidate}{_SOCKET_NAME}")) > _LONGEST_SOCKET or not candidate.parent.is_dir():
            continue
        if reachable(candidate.parent, who) and _private(candidate, who):
            return candidate
    raise UserError(
        f"no directory for the database's socket has a path that is short enough: set PAWL_HOME to less than {place.home}"
    )


def _private(folder: Path, who: Account | None) -> bool:
    """Make the directory, or take one that nobody else could have put there."""
    try:
        folder.mkdir(mode=0o700)
        if who is not None:
            os.chown(folder, who.user, who.group)
    except FileExistsError:
        info = folder.lstat()
        owner = who.user if who else os.geteuid()
        return stat.S_ISDIR(info.st_mode) and info.st_uid == owner and not info.st_mode & 0o077
    except OSError:
        return False
    return True


def _why_not(said: str, place: Place) -> str:
    """Return one sentence from what Postgres said when it did not come up."""
    if "No space left on device" in said:
        return f"no space left on the disk of {place.folder}: make room and try again"
    worst = re.findall(r"(?:FATAL|PANIC|initdb: error):\s*(.+)", said)
    reason = worst[-1] if worst else (said.strip().splitlines() or ["no reason given"])[-1]
    return (
        f"the database in {place.data} does not start ({reason.rstrip('.')}); its log is {place.folder / 'log'}:"
        " put the directory back from a copy, or move it away and Pawl begins a new one"
    )
