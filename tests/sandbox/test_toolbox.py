from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from bot.errors import Fatal
from bot.sandbox import toolbox as module
from bot.sandbox.toolbox import toolbox


def test_it_holds_the_tools_and_what_they_need_but_nothing_else(tmp_path: Path) -> None:
    folder = toolbox(tmp_path)
    names = {each.name for each in folder.iterdir()}
    assert names >= {"_pytest", "pytest", "pluggy", "iniconfig", "hypothesis", "sortedcontainers", "coverage"}
    assert names.isdisjoint({"bot", "asyncpg", "pydantic", "pip", "libcst"})
    assert not list(folder.glob("*.pth"))
    assert list((folder / "_pytest").glob("__pycache__/*.pyc"))
    assert toolbox(tmp_path) == folder


def test_a_broken_installation_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(module, "distribution", missing)
    with pytest.raises(Fatal, match="lacks pytest"):
        toolbox(tmp_path)
