"""A lab over small real projects, in the real sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from bot.errors import NoIsolation
from bot.lab import Lab
from bot.sandbox.environment import prepare
from bot.sandbox.probe import find_sandbox

Lay = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def lay(tmp_path: Path) -> Lay:
    """Write files as a project and return its root."""

    def write(files: Mapping[str, str]) -> Path:
        root = tmp_path / "project"
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8", newline="")
        return root

    return write


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    try:
        sandbox = find_sandbox()
    except NoIsolation as refusal:
        pytest.skip(str(refusal))
    (tmp_path / "empty").mkdir()
    with Lab(sandbox, prepare(tmp_path / "empty", tmp_path / "cache"), suite_seconds=60.0) as opened:
        yield opened
