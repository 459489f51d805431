"""The double as a process of its own, started once for many tests and empty for each."""

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
    command = [sys.executable, "-m", "tests.doubles.github", "--tied", "--data", str(data), *arguments]
    complaints = data.parent / f"{data.name}.log"
    pipe = subprocess.PIPE
    with complaints.open("w") as log, subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=log) as process:
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


@pytest.fixture(scope="session")
def github_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Double]:
    """One process for all tests of a worker; it forgets everything between them."""
    with running(tmp_path_factory.mktemp("github") / "double") as double:
        yield double


@pytest.fixture
def github(github_process: Double, tmp_path: Path) -> Double:
    """A double of GitHub, empty but for its administrator."""
    data = tmp_path / "github"
    github_process.admin("POST", "/forget", {"data": str(data)})
    return Double(github_process.url, data)
