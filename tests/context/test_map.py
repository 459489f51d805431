"""The repository map."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.context.map import Map, draw, read_sheet
from bot.sources import read_sources
from bot.syntax.modules import Modules
from bot.syntax.tree import parse


def chart_of(texts: dict[str, str], **others: str) -> Map:
    modules = Modules(texts)
    trees = {path: parse(text) for path, text in texts.items() if path.endswith(".py")}
    sheets = {path: read_sheet(path, texts[path], tree, modules) for path, tree in trees.items() if tree is not None}
    return Map(sheets, others)


def test_who_calls_whom(shop: Path) -> None:
    chart = chart_of(read_sources(shop).files)
    assert set(chart.callees["shop/cart.py", "Cart.total"]) == {("shop/coupons.py", "reduced"), ("shop/prices.py", "price")}
    assert chart.callees["shop/prices.py", "price"] == (("shop/prices.py", "_one"),)
    assert ("tests/test_cart.py", "test_total") in chart.callers["shop/cart.py", "Cart.total"]
    assert ("shop/weather.py", "forecast") not in chart.callers


@pytest.mark.parametrize(
    ("code", "caller", "called"),
    [
        ("import b\ndef f(): b.g()\n", "f", ("b.py", "g")),
        ("import b as c\ndef f(): c.g()\n", "f", ("b.py", "g")),
        ("from b import g as h\ndef f(): h()\n", "f", ("b.py", "g")),
        ("from b import C\ndef f(): C.m()\n", "f", ("b.py", "C.m")),
        ("from . import b\ndef f(): b.g()\n", "f", ("b.py", "g")),
        ("def f(x): x.m()\n", "f", ("b.py", "C.m")),
        ("def g(): pass\ndef f(): g()\n", "f", ("a.py", "g")),
        ("def f():\n    def g(): pass\n    g()\n", "f", ("a.py", "f.g")),
        ("class A:\n    def n(self): pass\n    def f(self): self.n()\n", "A.f", ("a.py", "A.n")),
        ("class A:\n    def f(self): self.m()\n", "A.f", ("b.py", "C.m")),
    ],
)
def test_calls_are_followed_by_names(code: str, caller: str, called: tuple[str, str]) -> None:
    chart = chart_of({"a.py": code, "b.py": "def g(): pass\nclass C:\n    def m(self): pass\n"})
    assert chart.callees["a.py", caller] == (called,)


def test_a_method_that_everybody_has_says_nothing() -> None:
    many = "".join(f"class C{number}:\n    def run(self): pass\n" for number in range(4))
    assert chart_of({"a.py": f"{many}def f(x): x.run()\n"}).callees["a.py", "f"] == ()


def test_a_class_without_its_methods_ends_before_the_first_one_decorators_of_any_length_included() -> None:
    first = "    @wraps(\n        f,\n        g,\n    )\n    @other\n    def m(self): pass\n"
    code = f"class C:\n    x = 1\n{first}    def n(self): pass\n"
    (symbol,) = [each for each in chart_of({"a.py": code}).symbols.values() if each.name == "C"]
    assert (symbol.first, symbol.body, symbol.last) == (1, 3, 9)


def test_the_drawing_says_it_all(shop: Path) -> None:
    drawn = draw(chart_of(read_sources(shop).files, **{"README.md": ""}), ["shop/cart.py"], 10_000)
    assert "shop/cart.py, 19 lines: Carts.\n  imports shop/prices.py, shop/coupons.py\n" in drawn
    assert (
        "  def Cart.total(self) -> float 17-19: Return what all of it costs.; "
        "calls shop/coupons.py:reduced, shop/prices.py:price; called by tests/test_cart.py:test_total"
    ) in drawn
    assert "README.md" in drawn


def test_what_is_dear_is_drawn_first(shop: Path) -> None:
    chart = chart_of(read_sources(shop).files)
    drawn = draw(chart, ["shop/weather.py"], 400)
    assert "def forecast" in drawn
    assert "def price" not in drawn
    assert "shop/prices.py" in drawn


def test_many_files_are_counted_by_folder() -> None:
    texts = {f"pkg/part{number % 3}/file{number}.py": f"def f{number}(): pass\n" for number in range(90)}
    drawn = draw(chart_of(texts), ["pkg/part1/file1.py"], 800)
    assert "def f1()" in drawn
    assert "pkg/part2/: 30 files" in drawn
    assert "file2.py" not in drawn


@settings(max_examples=60)
@given(st.integers(0, 3_000), st.lists(st.sampled_from(["a/b.py", "c.py", "d/e/f.py", "nowhere.py"]), unique=True))
def test_a_drawing_fits(most: int, dearest: list[str]) -> None:
    code = "def f(a):\n    '''Say.'''\n    return g()\ndef g(): pass\n"
    chart = chart_of({"a/b.py": code, "c.py": code * 3}, **{"d/e/f.py": "class Big: pass\n", "x.md": ""})
    assert len(draw(chart, dearest, most)) <= most
