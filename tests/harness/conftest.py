from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import NoIsolation
from bot.harness.harness import Project
from bot.sandbox.environment import prepare
from bot.sandbox.probe import find_sandbox
from bot.sandbox.sandbox import Environment, Sandbox

MakeProject = Callable[..., Project]


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    """The machine's own sandbox; where it has none, a bare process, since our own half is what is tested here."""
    try:
        return find_sandbox()
    except NoIsolation:
        place = Path(__file__).parents[1] / "doubles" / "bare_sandbox.py"
        spec = importlib.util.spec_from_file_location("bare_sandbox", place)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        found: Sandbox = module.BareSandbox()
        return found


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    empty = tmp_path_factory.mktemp("empty")
    return prepare(empty, tmp_path_factory.mktemp("cache"))


@pytest.fixture
def make(tmp_path: Path, environment: Environment) -> MakeProject:
    """Write files (path -> text) into a tree and return it as a project."""

    def write(files: dict[str, str]) -> Project:
        root = tmp_path / "project"
        for path, text in files.items():
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        return Project(root, environment)

    return write
