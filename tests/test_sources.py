from __future__ import annotations

import os
from pathlib import Path

from bot.sources import MOST_BYTES_A_FILE, read_sources


def write(root: Path, files: dict[str, bytes]) -> None:
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


def test_it_reads_what_people_of_the_project_wrote(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.py": b"x = 1\r\n",
            "pkg/b.pyi": b"",
            "pyproject.toml": b"[project]\n",
            "requirements/dev.in": b"x\n",
            "README.md": b"no\n",
            "build/lib/c.py": b"no\n",
            "env/__init__.py": b"",
            ".tox/d.py": b"no\n",
            "node_modules/e.py": b"no\n",
            "own/pyvenv.cfg": b"",
            "own/f.py": b"no\n",
        },
    )
    found = read_sources(tmp_path)
    assert list(found.files) == ["a.py", "pyproject.toml", "env/__init__.py", "pkg/b.pyi", "requirements/dev.in"]
    assert found.files["a.py"] == "x = 1\r\n"
    assert found.complete
    assert not found.skipped


def test_what_cannot_be_read_is_listed_with_the_reason(tmp_path: Path) -> None:
    write(tmp_path, {"big.py": b"#" * (MOST_BYTES_A_FILE + 1), "latin.py": b"\xe9", "zero.py": b"a\0", "ok.py": b""})
    (tmp_path / "link.py").symlink_to("/etc/passwd")
    (tmp_path / "folder").symlink_to("/etc")
    os.mkfifo(tmp_path / "pipe.py")
    found = read_sources(tmp_path)
    assert list(found.files) == ["ok.py"]
    assert found.skipped == {
        "big.py": "larger than 512 KiB",
        "latin.py": "not in the encoding that it names, or not UTF-8",
        "link.py": "not a regular file",
        "pipe.py": "not a regular file",
        "zero.py": "binary",
    }


def test_the_bounds_hold(tmp_path: Path) -> None:
    write(tmp_path, {f"f{n}.py": b"x = 1\n" for n in range(9)})
    assert len(read_sources(tmp_path, most_files=4).files) == 4
    few = read_sources(tmp_path, most_bytes=7)
    assert len(few.files) == 2
    assert not few.complete
