"""Which files a tool has to look at."""

from __future__ import annotations

from bot.change.change import Change, FileChange, FileStatus
from bot.ids import Sha
from bot.scan.touched import Touched, python_files


def test_python_files() -> None:
    files = (
        FileChange("new.py", FileStatus.ADDED),
        FileChange("edited.pyi", FileStatus.MODIFIED),
        FileChange("moved.py", FileStatus.RENAMED, old_path="was.py"),
        FileChange("now_code.py", FileStatus.RENAMED, old_path="was.txt"),
        FileChange("gone.py", FileStatus.DELETED),
        FileChange("link.py", FileStatus.ADDED, mode="120000"),
        FileChange("a.md", FileStatus.MODIFIED),
    )
    assert python_files(Change(Sha("a"), Sha("b"), files, "")) == Touched(
        base=("edited.pyi", "was.py"),
        head=("new.py", "edited.pyi", "moved.py", "now_code.py"),
        pairs=(("edited.pyi", "edited.pyi"), ("was.py", "moved.py")),
    )
