"""A tree with files more, that leaves the first as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import InputError
from bot.spec.beside import with_files

Tree = Callable[[dict[str, str]], Path]


def test_the_copy_has_both_and_the_original_neither_more_nor_less(tree: Tree) -> None:
    root = tree({"a.py": "A = 1\n", "tests/test_a.py": "OLD = 1\n", ".git/HEAD": "ref\n"})
    (root / "link").symlink_to("a.py")
    with with_files(root, {"tests/test_b.py": "B = 1\n", "tests/test_a.py": "NEW = 1\n", "new/c.py": "C = 1\n"}) as copy:
        assert (copy / "a.py").read_text() == "A = 1\n"
        assert (copy / "tests/test_b.py").read_text() == "B = 1\n"
        assert (copy / "tests/test_a.py").read_text() == "NEW = 1\n"
        assert (copy / "new/c.py").is_file()
        assert (copy / "link").is_symlink()
        assert not (copy / ".git").exists()
        assert copy.name == root.name
    assert not copy.exists()
    assert (root / "tests/test_a.py").read_text() == "OLD = 1\n", "what is linked is never written through"
    assert not (root / "tests/test_b.py").exists()


def test_nothing_is_written_through_a_link(tree: Tree, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    root = tree({"a.py": "A = 1\n"})
    (root / "tests").symlink_to(outside)
    with pytest.raises(InputError, match="tests is a symbolic link"), with_files(root, {"tests/test_b.py": "B = 1\n"}):
        pass
    assert not list(outside.iterdir())
