from __future__ import annotations

from pathlib import Path

import pytest

from bot.change.twin import over_a_link, put, twin


@pytest.fixture
def root(tmp_path: Path) -> Path:
    tree = tmp_path / "shop"
    (tree / "pkg").mkdir(parents=True)
    (tree / ".git").mkdir()
    (tree / "pkg/cart.py").write_text("A = 1\n")
    (tree / "way").symlink_to("/etc")
    return tree


def test_what_is_done_to_a_twin_leaves_the_original_as_it_was(root: Path) -> None:
    with twin(root) as tree:
        assert not (tree / ".git").exists()
        put(tree, "pkg/cart.py", "A = 2\r\n")
        put(tree, "new/deep.py", "B = 1\n")
        assert (tree / "pkg/cart.py").read_bytes() == b"A = 2\r\n"
        assert (tree / "new/deep.py").is_file()
        put(tree, "new/deep.py", None)
        assert not (tree / "new/deep.py").exists()
    assert (root / "pkg/cart.py").read_text() == "A = 1\n"
    assert not (root / "new").exists()
    assert not tree.exists()


def test_the_first_link_on_the_way_is_found(root: Path) -> None:
    with twin(root) as tree:
        assert over_a_link(tree, "way/passwd") == tree / "way"
        assert over_a_link(tree, "way") == tree / "way"
        assert over_a_link(tree, "pkg/cart.py") is None
        assert over_a_link(tree, ".") is None
