"""What a model may read of a tree, and how it tries in vain to read more."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.context.shelf import MOST_HITS, MOST_SHOWN, MOST_WIDE, Shelf
from bot.credentials import without_secrets
from bot.errors import InputError

TOKEN = "ghp_" + "a1B2c3D4e5" * 4
CODE = f'class Cart:\n    def total(self):\n        return 2\n\n\nTOKEN = "{TOKEN}"\n'


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    outside = tmp_path / "outside.txt"
    outside.write_text("the host's own words\n")
    root = tmp_path / "tree"
    (root / "shop").mkdir(parents=True)
    (root / "shop/cart.py").write_text(CODE)
    (root / "README.md").write_text("# Shop\nIt has a Cart.\n")
    (root / ".env").write_text("WORD=plain\n")
    (root / "server.key").write_text("words\n")
    (root / "blob.bin").write_bytes(b"\xff\xfe\0")
    (root / ".git").mkdir()
    (root / ".git/config").write_text("cart\n")
    (root / "link.txt").symlink_to(outside)
    (root / "up").symlink_to(tmp_path)
    (root / "inner").symlink_to(root / "shop")
    return Shelf(root)


def call(shelf: Shelf, name: str, **said: Any) -> str:
    return next(each for each in shelf.tools() if each.name == name).call(said)


def test_a_file_is_shown_with_its_line_numbers(shelf: Shelf) -> None:
    assert call(shelf, "read_file", path="shop/cart.py", first=2, last=3) == (
        "shop/cart.py, lines 2 to 3 of 7:\n    2 |     def total(self):\n    3 |         return 2"
    )


def test_a_wide_line_is_cut_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "wide.txt").write_text(f"{'x' * (MOST_WIDE + 7)}\n{'y' * MOST_WIDE}\n")
    shown = call(Shelf(tmp_path), "read_file", path="wide.txt").splitlines()
    assert shown[1].endswith("x… (cut here: 7 more characters)")
    assert shown[2].endswith("y")
    assert call(Shelf(tmp_path), "search_code", text="xx").endswith("(cut here: 7 more characters)")


def test_long_files_come_in_pieces(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("x\n" * 2000)
    assert len(call(Shelf(tmp_path), "read_file", path="long.txt", first=5, last=2000).splitlines()) == MOST_SHOWN + 1
    with pytest.raises(InputError, match="has 2001 lines"):
        call(Shelf(tmp_path), "read_file", path="long.txt", first=9000, last=9001)


@pytest.mark.parametrize(
    "path",
    [
        *("../outside.txt", "shop/../../outside.txt", "/etc/passwd", "link.txt", "up/outside.txt", "inner/cart.py", ".env"),
        *("server.key", ".git/config", "blob.bin", "", ".", "shop", "gone.py", "shop//cart.py", "./README.md", "a\0b"),
        *("shop\\cart.py", "x" * 300, "~/.ssh/id_rsa", "file:///etc/passwd"),
    ],
)
def test_nothing_else_can_be_read(shelf: Shelf, path: str) -> None:
    assert shelf.read(path) is None
    with pytest.raises(InputError, match="cannot be read"):
        call(shelf, "read_file", path=path, first=1, last=9)


@given(st.lists(st.sampled_from(["..", ".", "", "up", "link.txt", "outside.txt", "shop", "cart.py", "tree"]), max_size=6))
def test_no_path_leads_out(tmp_path_factory: pytest.TempPathFactory, parts: list[str]) -> None:
    top = tmp_path_factory.mktemp("top")
    (top / "outside.txt").write_text("out")
    (top / "tree/shop").mkdir(parents=True)
    (top / "tree/shop/cart.py").write_text("in")
    (top / "tree/up").symlink_to(top)
    (top / "tree/link.txt").symlink_to(top / "outside.txt")
    assert Shelf(top / "tree").read("/".join(parts)) in {None, "in"}


def test_search_finds_lines_everywhere_but_where_it_may_not_look(shelf: Shelf) -> None:
    assert call(shelf, "search_code", text="CART") == "README.md:2: It has a Cart.\nshop/cart.py:1: class Cart:"
    for hidden in ("the host's own", "plain", TOKEN, TOKEN[:12]):
        assert call(shelf, "search_code", text=hidden) == "nothing holds that text"


def test_a_search_for_what_is_everywhere_is_cut(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("word\n" * 500)
    lines = call(Shelf(tmp_path), "search_code", text="word").splitlines()
    assert len(lines) == MOST_HITS + 1
    for wrong in ("x", "a\nb", "y" * 999):
        with pytest.raises(InputError, match="search for"):
            call(Shelf(tmp_path), "search_code", text=wrong)


def test_an_outline_names_definitions_or_files(shelf: Shelf) -> None:
    assert call(shelf, "outline", path="shop/cart.py") == "1-3 class Cart\n2-3 def Cart.total"
    assert call(shelf, "outline", path=".") == "README.md\nblob.bin\nshop/cart.py"
    assert call(shelf, "outline", path="shop/") == "shop/cart.py"
    for wrong in ("README.md", "up", "inner", "..", "gone"):
        with pytest.raises(InputError, match="has no outline"):
            call(shelf, "outline", path=wrong)


@pytest.mark.parametrize("said", [{}, {"path": 3, "first": 1, "last": 2}, {"path": "README.md", "first": "1", "last": True}])
def test_arguments_of_another_shape_are_told(shelf: Shelf, said: Mapping[str, Any]) -> None:
    with pytest.raises(InputError, match="must be"):
        shelf.tools()[0].call(said)


def test_there_is_no_other_tool(shelf: Shelf) -> None:
    assert [each.name for each in shelf.tools()] == ["read_file", "search_code", "outline"]


def test_secrets_are_struck_out_and_lines_stay_where_they_are() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\nMIIdef\n-----END RSA PRIVATE KEY-----"
    text = f'one\n{key}\npassword = "two\nlines"\nTOKEN = "{TOKEN}"\nlast\n'
    shown = without_secrets(text)
    assert shown.count("\n") == text.count("\n")
    assert shown.splitlines()[-1] == "last"
    for secret in ("MIIabc", "MIIdef", TOKEN):
        assert secret not in shown


@given(st.text(st.sampled_from("ab\n =:\"'"), max_size=60))
def test_striking_out_never_moves_a_line(text: str) -> None:
    assert without_secrets(f"{text}\npassword: {text}").count("\n") == 2 * text.count("\n") + 1


@pytest.mark.parametrize("tool", ["read_file", "outline"])
@pytest.mark.parametrize(
    "path",
    [
        "\xe9" * 200,
        "/".join(["x" * 200] * 40),
        "x/" * 5_000 + "y",
        "\ud800",
        "README.md/x",
        "shop/cart.py/x.py",
        "\U0010ffff" * 90,
    ],
)
def test_names_that_no_file_system_knows_are_told_like_any_other(shelf: Shelf, tool: str, path: str) -> None:
    with pytest.raises(InputError, match="name a "):
        call(shelf, tool, path=path, first=1, last=1)
    assert not shelf.holds(path)
