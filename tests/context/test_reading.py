"""A tree read for one wish: what is in it, and that only what lies near the wish is taken apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.context import reading
from bot.context.reading import read_tree, take_apart
from bot.context.relevance import Focus, focus_of


def test_what_may_be_shown_is_read(shop: Path) -> None:
    tree = read_tree(shop, lambda path: path.startswith("tests/"))
    assert {"pyproject.toml", "shop/cart.py"} <= set(tree.texts)
    assert tree.others == ("README.md",)
    assert not [path for path in (*tree.texts, *tree.others) if path.startswith("tests/") or ".env" in path or ".pem" in path]
    assert tree.text("README.md") == "# Shop\n\nHow to use it.\n"
    assert tree.text(".env") is None
    assert tree.text("../outside") is None


def test_what_cannot_be_read_is_told(shop: Path) -> None:
    (shop / "shop/latin.py").write_bytes(b"name = '\xe9'\n")
    assert read_tree(shop, lambda _: False).left_out == "Not read: shop/latin.py."


def test_large_and_binary_documents_are_no_texts(shop: Path) -> None:
    (shop / "big.md").write_text("x" * 600_000)
    (shop / "odd.txt").write_bytes(b"a\0b")
    tree = read_tree(shop, lambda _: False)
    assert {"big.md", "odd.txt"} <= {*tree.others, *tree.texts, *(["odd.txt"] if "odd.txt" in tree.left_out else [])}
    assert tree.text("big.md") is None
    assert tree.text("odd.txt") is None


def test_small_trees_are_taken_apart_whole(shop: Path) -> None:
    apart = take_apart(read_tree(shop, lambda _: False).texts, Focus())
    assert "shop/weather.py" in apart.sheets
    assert set(apart.sheets) == set(apart.trees)


def test_of_large_ones_only_what_lies_near(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        (shop / f"shop/extra{number}.py").write_text(f"def thing{number}(): pass\n")
    monkeypatch.setattr(reading, "MOST_PARSED", 5)
    monkeypatch.setattr(reading, "_WAVE", 3)
    texts = read_tree(shop, lambda _: False).texts
    apart = take_apart(texts, focus_of("`Cart.total` is wrong", [*texts]))
    assert len(apart.sheets) <= 9
    assert {"shop/cart.py", "shop/prices.py", "shop/coupons.py"} <= set(apart.sheets), "what is named, and what it imports"
    assert not [path for path in apart.sheets if "extra" in path]
