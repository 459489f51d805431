"""What matters for a wish."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.context.map import Key
from bot.context.relevance import Focus, bm25, focus_of, scores, terms_of
from bot.ids import NodeId
from bot.sources import read_sources
from tests.context.test_map import chart_of

KNOWN = ("shop/cart.py", "shop/prices.py", "tests/test_cart.py", "README.md", "docs/use.md")
TRACEBACK = """It breaks:
Traceback (most recent call last):
  File "/home/me/shop/shop/cart.py", line 19, in total
    return coupons.reduced(...)
  File "/usr/lib/python3.11/json/decoder.py", line 3, in x
    y
ValueError: no
"""


def worth(shop: Path, wish: str, focus: Focus | None = None) -> dict[Key, float]:
    files = read_sources(shop).files
    return scores(chart_of(files), focus_of(wish, [*files], focus or Focus()), files)


def test_a_focus_is_read_off_the_wish() -> None:
    focus = focus_of(f"Cart.total in ./shop/prices.py, `add`, README.md.\n{TRACEBACK}", KNOWN)
    assert "Cart.total" in focus.names
    assert "add" in focus.names
    assert focus.paths == ("shop/prices.py", "README.md")
    assert focus.frames == (("shop/cart.py", 19),)
    assert focus_of("see shop/cart.py:12: ValueError", KNOWN).frames == (("shop/cart.py", 12),)
    assert focus_of("see cart.py", KNOWN).paths == ("shop/cart.py",)
    assert focus_of("see ../../etc/passwd.py", KNOWN).paths == ()


def test_words_are_taken_apart() -> None:
    assert set(terms_of("The applyDiscount of discounted_prices fails")) == {"apply", "discount", "pric", "fail"}


def test_what_is_named_comes_first_and_its_neighbours_next(shop: Path) -> None:
    found = worth(shop, "`Cart.total` is wrong")
    best = max(found, key=lambda key: found[key])
    assert best == ("shop/cart.py", "Cart.total")
    assert found["shop/coupons.py", "reduced"] > found.get(("shop/weather.py", "forecast"), 0.0)
    assert found["shop/prices.py", "_one"] > 0, "two steps away"
    assert found["shop/prices.py", "_one"] < found["shop/prices.py", "price"]


def test_frames_findings_and_tests_point(shop: Path) -> None:
    framed = worth(shop, TRACEBACK)
    assert max(framed, key=lambda key: framed[key]) == ("shop/cart.py", "Cart.total")
    found = worth(shop, "mend it", Focus(findings=(("shop/weather.py", 6),)))
    assert max(found, key=lambda key: found[key]) == ("shop/weather.py", "forecast")
    tested = worth(shop, "mend it", Focus(tests=(NodeId("tests/test_cart.py::test_total[1]"),)))
    assert tested["shop/cart.py", "Cart.total"] > tested.get(("shop/weather.py", "forecast"), 0.0)


def test_words_in_common_find_what_nobody_named(shop: Path) -> None:
    found = worth(shop, "it says that it rains when the sun shines")
    assert max(found, key=lambda key: found[key]) == ("shop/weather.py", "forecast")


def test_rare_words_weigh_more() -> None:
    found = bm25(("common", "rare"), {"a": "common " * 3, "b": "rare", "c": "common", "d": "nothing"})
    assert found["b"] > found["a"] > 0
    assert "d" not in found
    assert bm25((), {"a": "x"}) == {}


@given(st.text(max_size=300))
def test_any_wish_has_a_focus(wish: str) -> None:
    focus = focus_of(wish, KNOWN)
    assert set(focus.files) <= set(KNOWN)
    assert all(score >= 0 for score in bm25(focus.terms, {"a": wish, "b": "x"}).values())
