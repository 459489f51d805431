from __future__ import annotations

import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.sandbox.cached import built_once


def test_it_is_built_once_and_readable_by_all(tmp_path: Path) -> None:
    calls: list[Path] = []

    def build(folder: Path) -> None:
        calls.append(folder)
        (folder / "inner").mkdir(mode=0o700)
        (folder / "inner" / "tool").write_text("x")
        (folder / "inner" / "tool").chmod(0o700)
        (folder / "secretive").write_text("x")
        (folder / "secretive").chmod(0o600)
        (folder / "link").symlink_to("/nowhere")

    folder = built_once(tmp_path / "shelf", "key", build)
    assert built_once(tmp_path / "shelf", "key", build) == folder
    assert len(calls) == 1
    modes = {
        path.name: stat.S_IMODE(path.lstat().st_mode) for path in (folder / "inner", *folder.rglob("*")) if not path.is_symlink()
    }
    assert {modes[name] for name in ("inner", "tool")} == {0o755}
    assert modes["secretive"] == 0o644


def test_what_fails_is_thrown_away_and_tried_again(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        built_once(tmp_path, "key", fail)
    assert not (tmp_path / "key").exists()
    assert list(built_once(tmp_path, "key", lambda _: None).iterdir()) == [tmp_path / "key" / ".complete"]


def test_what_was_left_half_built_is_built_anew(tmp_path: Path) -> None:
    (tmp_path / "key").mkdir()
    (tmp_path / "key" / "half").write_text("x")
    folder = built_once(tmp_path, "key", lambda made: (made / "whole").write_text("x"))
    assert sorted(os.listdir(folder)) == [".complete", "whole"]  # noqa: PTH208 - names are enough


def test_the_second_waits_for_the_first(tmp_path: Path) -> None:
    together = threading.Barrier(2)
    calls: list[int] = []

    def one(_: int) -> Path:
        together.wait()
        return built_once(tmp_path, "key", lambda _: calls.append(1))

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(one, range(2)))) == 1
    assert len(calls) == 1
