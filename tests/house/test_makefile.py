"""``make test`` is green only where every test passed and coverage is over its bar, whatever was repeated on the way."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOL = """#!/bin/sh
echo "$(basename "$0") $*" >> "$(dirname "$0")/called"
case "$(basename "$0") $*" in
  *--last-failed*) exit "$ALONE" ;;
  python*) exit "$TOGETHER" ;;
  "coverage report"*) exit "$COVERAGE" ;;
esac
"""


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    for name in ("python", "coverage", "ruff", "mypy", "lint-imports"):
        (tmp_path / "bin" / name).write_text(TOOL)
        (tmp_path / "bin" / name).chmod(0o755)
    (tmp_path / ".test").touch()
    os.utime(tmp_path / ".test", (2**32, 2**32))
    return tmp_path


@pytest.mark.parametrize(
    ("together", "alone", "coverage", "green"),
    [
        (0, 0, 0, True),
        (0, 0, 2, False),
        (1, 0, 0, True),
        (1, 0, 2, False),
        (1, 1, 0, False),
        (1, 5, 0, False),
        (2, 0, 0, False),
        (3, 0, 0, False),
    ],
)
def test_what_make_test_says(tools: Path, together: int, alone: int, coverage: int, green: bool) -> None:
    codes = {"TOGETHER": str(together), "ALONE": str(alone), "COVERAGE": str(coverage)}
    done = subprocess.run(
        ["make", "-C", ROOT, "test", f"VENV={tools}"], env={**os.environ, **codes}, capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) == green, done.stdout + done.stderr
    repeated = "--last-failed" in (tools / "bin/called").read_text()
    assert repeated == (together == 1)
    assert ("A test that fails beside others is flaky" in done.stdout) == (repeated and alone == 0)
