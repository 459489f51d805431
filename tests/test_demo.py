"""The demo's project is real: its tests pass, and its bug is the one the issue reports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.demo import ISSUE, make_project
from bot.errors import InputError


def test_its_own_tests_pass_and_the_reported_call_is_wrong(tmp_path: Path) -> None:
    root = make_project(tmp_path / "demo")
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"], cwd=root, check=True, capture_output=True
    )
    said = subprocess.run(
        [sys.executable, "-c", "from rooms.bookings import merge; print(merge([(9, 11), (11, 12)]))"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    assert said.stdout.strip() == "[(9, 11), (11, 12)]"
    assert "should return `[(9, 12)]`" in ISSUE


def test_everything_is_committed(tmp_path: Path) -> None:
    root = make_project(tmp_path / "demo")
    said = subprocess.run(["git", "-C", str(root), "status", "--porcelain"], check=True, capture_output=True, text=True)
    assert said.stdout == ""


def test_a_place_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    with pytest.raises(InputError, match="is not empty"):
        make_project(tmp_path)


@pytest.mark.parametrize("place", ["/etc/passwd", "/proc/nowhere/demo"])
def test_a_place_that_cannot_be_written_is_told_in_words(place: str) -> None:
    with pytest.raises(InputError, match="name another place with --dir"):
        make_project(Path(place))
