from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.lab import Lab
from bot.sandbox.environment import prepare
from bot.sandbox.probe import find_sandbox

Tree = Callable[[dict[str, str]], Path]


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The real lab, with this machine's own sandbox and an empty environment."""
    environment = prepare(tmp_path_factory.mktemp("empty"), tmp_path_factory.mktemp("cache"))
    with Lab(find_sandbox(), environment) as found:
        yield found


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Write files (path -> text) into a tree of their own."""

    def write(files: dict[str, str]) -> Path:
        root = tmp_path / "project"
        for path, text in files.items():
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        return root

    return write
