from __future__ import annotations

from pathlib import Path

import pytest

from bot.harness.inside import seal
from bot.harness.inside.disk import Disk
from bot.harness.patch import patch_of


def test_a_variant_lies_on_disk_only_as_long_as_it_is_needed(tmp_path: Path) -> None:
    file = tmp_path / "m.py"
    file.write_text("a = 1\nb = 2\n", encoding="utf-8")
    before = file.stat().st_mtime_ns
    patch = patch_of("m.py", "a = 1\nb = 2\n", "a = 1\nb = 3\n")
    new = patch_of("deep/new.py", "", "c = 1\n")
    assert patch is not None
    assert new is not None
    with Disk(str(tmp_path), [patch.plain(), new.plain()]):
        assert file.read_text(encoding="utf-8") == "a = 1\nb = 3\n"
        assert (tmp_path / "deep/new.py").read_text(encoding="utf-8") == "c = 1\n"
        assert file.stat().st_mtime_ns // 10**9 != before // 10**9
    assert file.read_text(encoding="utf-8") == "a = 1\nb = 2\n"
    assert file.stat().st_mtime_ns == before
    assert not (tmp_path / "deep/new.py").exists()


@pytest.mark.parametrize(
    ("path", "text", "noticed"),
    [
        ("test_a.py", "changed", True),
        ("tests/helper.py", "changed", True),
        ("conftest.py", "new", True),
        ("pkg/pytest.ini", "new", True),
        ("test_new.py", "new", False),
        ("m.py", "changed", False),
    ],
)
def test_changed_tests_and_new_settings_break_the_seal(tmp_path: Path, path: str, text: str, noticed: bool) -> None:
    for name in ("test_a.py", "tests/helper.py", "m.py", "pkg/x.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("as it was", encoding="utf-8")
    before = seal.seal(str(tmp_path))
    assert seal.broken(before, str(tmp_path)) == []
    (tmp_path / path).write_text(text, encoding="utf-8")
    assert seal.broken(before, str(tmp_path)) == ([path] if noticed else [])


def test_a_test_taken_away_breaks_the_seal(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").touch()
    before = seal.seal(str(tmp_path))
    (tmp_path / "test_a.py").unlink()
    assert seal.broken(before, str(tmp_path)) == ["test_a.py"]
