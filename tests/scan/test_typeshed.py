"""The cache of what mypy knows of the standard library."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.scan import typeshed
from bot.scan.typeshed import typeshed_cache

FLAGS = ("--config-file=",)


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    typeshed_cache.cache_clear()
    yield
    typeshed_cache.cache_clear()


def test_made_once_and_found_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(typeshed, "_MODULES", ("abc",))
    made = Path(typeshed_cache(FLAGS))
    assert made.is_dir()
    assert [each.name for each in made.parent.iterdir()] == [made.name]
    typeshed_cache.cache_clear()
    monkeypatch.setattr(typeshed, "_made", lambda *_: pytest.fail("it was there"))
    assert typeshed_cache(FLAGS) == str(made)


def test_none_outside_a_virtual_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    assert typeshed_cache(FLAGS) == ""


def test_none_where_it_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "var").write_text("in the way")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert typeshed_cache(FLAGS) == ""


def test_none_where_mypy_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert typeshed_cache(("--no-such-flag",)) == ""
    monkeypatch.setattr(typeshed, "_SECONDS", 0.0)
    assert typeshed_cache(FLAGS) == ""
