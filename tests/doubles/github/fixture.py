"""The double as a process of its own, started for a test and ended with it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.doubles.github.client import Double

ROOT = Path(__file__).parents[3]


@contextmanager
def running(data: Path, *arguments: str) -> Iterator[Double]:
    """Start the process, wait until it has said where it listens, and end it afterwards."""
    command = [sys.executable, "-m", "tests.doubles.github", "--data", str(data), *arguments]
    complaints = data.parent / f"{data.name}.log"
    with (
        complaints.open("w") as log,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout
        line = process.stdout.readline()
        if not line:
            process.wait()
            raise RuntimeError(f"The double did not start: {complaints.read_text()}")
        try:
            yield Double(json.loads(line)["url"], data)
        finally:
            process.terminate()
            process.stdout.read()


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Double]:
    """A double of GitHub on a free port, empty but for its administrator."""
    with running(tmp_path / "github") as double:
        yield double
