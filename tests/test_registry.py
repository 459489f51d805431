"""A folder of plug-ins holds exactly one constant a module, under names of their own."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from bot.errors import Fatal
from bot.registry import names, plugins


@dataclass(frozen=True)
class Thing:
    name: str


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "shelf").mkdir()
    (tmp_path / "shelf/__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(sys.modules, "thing_kind", ModuleType("thing_kind"))
    sys.modules["thing_kind"].Thing = Thing  # type: ignore[attr-defined]
    yield tmp_path / "shelf"
    for name in [each for each in sys.modules if each.split(".")[0] == "shelf"]:
        del sys.modules[name]


def write(folder: Path, name: str, *things: str) -> None:
    lines = ["from thing_kind import Thing as _Thing", *(f"T{number} = _Thing({thing!r})" for number, thing in enumerate(things))]
    (folder / f"{name}.py").write_text("\n".join(lines))


def test_plugins_come_by_name(folder: Path) -> None:
    write(folder, "b", "second")
    write(folder, "a", "first")
    assert list(plugins(importlib.import_module("shelf"), Thing)) == ["first", "second"]


@pytest.mark.parametrize("things", [(), ("one", "two")])
def test_a_module_with_none_or_two_is_refused(folder: Path, things: tuple[str, ...]) -> None:
    write(folder, "a", *things)
    with pytest.raises(Fatal, match=f"exactly one Thing, it holds {len(things)}"):
        plugins(importlib.import_module("shelf"), Thing)


def test_a_name_that_is_taken_is_refused(folder: Path) -> None:
    write(folder, "a", "same")
    write(folder, "b", "same")
    with pytest.raises(Fatal, match="takes the name 'same'"):
        plugins(importlib.import_module("shelf"), Thing)


def test_modules_that_are_not_asked_for_are_not_even_imported(folder: Path) -> None:
    write(folder, "a", "first")
    (folder / "b.py").write_text("raise SystemExit\n")
    shelf = importlib.import_module("shelf")
    assert names(shelf) == ("a", "b")
    assert list(plugins(shelf, Thing, only={"a"})) == ["first"]
