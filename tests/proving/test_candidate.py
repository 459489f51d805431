from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.change.change import Edit, Edits
from bot.errors import Refused
from bot.proving.candidate import laid_out, text_of

if TYPE_CHECKING:
    from tests.proving.conftest import Lay


def test_edits_are_in_the_copy_alone(lay: Lay) -> None:
    root = lay({"a.py": "old\r\n", "b.py": "b\n", "sub/c.py": "c\n"})
    edits = Edits((Edit("a.py", "new\r\n"), Edit("b.py", None), Edit("deep/er/d.py", "d\n")))
    with laid_out(root, edits) as tree:
        assert tree != root
        assert (tree / "a.py").read_bytes() == b"new\r\n"
        assert not (tree / "b.py").exists()
        assert (tree / "deep/er/d.py").read_text() == "d\n"
        assert (tree / "sub/c.py").read_text() == "c\n"
    assert not tree.exists()
    assert sorted(each.relative_to(root).as_posix() for each in root.rglob("*.py")) == ["a.py", "b.py", "sub/c.py"]
    assert (root / "a.py").read_bytes() == b"old\r\n"


@pytest.mark.parametrize("path", ["../out.py", "link/x.py", "file_link", "/abs.py"])
def test_no_edit_leads_out_of_the_tree(lay: Lay, path: str) -> None:
    root = lay({"a.py": "a\n"})
    (root.parent / "outside").mkdir()
    (root / "link").symlink_to(root.parent / "outside")
    (root / "file_link").symlink_to(root / "a.py")
    with pytest.raises(Refused, match="may not be edited"), laid_out(root, Edits((Edit(path, "x"),))):
        pass
    assert not list((root.parent / "outside").iterdir())
    assert (root / "a.py").read_text() == "a\n"


def test_a_text_is_read_as_it_is_and_nothing_else(lay: Lay) -> None:
    root = lay({"a.py": "a\r\n", "folder/b.py": "b"})
    (root / "raw").write_bytes(b"\xff")
    (root / "link").symlink_to(root / "a.py")
    assert text_of(root, "a.py") == "a\r\n"
    assert [text_of(root, each) for each in ("none.py", "folder", "raw", "link", "../project/a.py")] == [None] * 5


@pytest.mark.parametrize("path", ["a.py/x.py", "folder"])
def test_an_edit_where_no_file_can_be_is_refused(lay: Lay, path: str) -> None:
    root = lay({"a.py": "a\n", "folder/b.py": "b\n"})
    with pytest.raises(Refused, match="no file can be there"), laid_out(root, Edits((Edit(path, "x"),))):
        pass


def test_a_file_beyond_reason_is_not_read(lay: Lay) -> None:
    root = lay({"a.py": "a\n"})
    with (root / "a.py").open("r+b") as file:
        file.truncate(1 << 33)
    assert text_of(root, "a.py") is None
