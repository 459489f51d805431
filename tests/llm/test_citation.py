"""Citations are held to the file: moved to where the words stand, or dropped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.llm.citation import MOST_LINES, Citation, Dropped, held

FILE = "def price(n):\n    total = n * 2\n    return total\n\n\ndef tax(n):\n    total = n * 3\n    return total\n"


def read(path: str) -> str | None:
    return FILE if path == "shop.py" else None


def test_a_citation_that_holds_is_kept_with_its_lines_whole() -> None:
    assert held(Citation("shop.py", 2, 2, "total = n * 2"), read) == Citation("shop.py", 2, 2, "    total = n * 2")


def test_white_space_is_folded_over_lines() -> None:
    found = held(Citation("shop.py", 1, 3, "def price(n): total  =  n * 2"), read)
    assert found == Citation("shop.py", 1, 2, "def price(n):\n    total = n * 2")


def test_wrong_lines_are_put_right() -> None:
    assert held(Citation("shop.py", 90, 91, "total = n * 3"), read) == Citation("shop.py", 7, 7, "    total = n * 3")


@pytest.mark.parametrize(("first", "line"), [(1, 3), (3, 3), (6, 8), (8, 8), (99, 8)])
def test_of_several_places_the_claimed_or_the_nearest_is_meant(first: int, line: int) -> None:
    found = held(Citation("shop.py", first, first, "return total"), read)
    assert isinstance(found, Citation)
    assert (found.first, found.last) == (line, line)


def test_line_numbers_copied_into_a_quote_do_no_harm() -> None:
    found = held(Citation("shop.py", 1, 2, "    1 | def price(n):\n    2 |     total = n * 2"), read)
    assert isinstance(found, Citation)
    assert (found.first, found.last) == (1, 2)


@pytest.mark.parametrize(
    ("path", "quote", "why"),
    [
        ("shop.py", "total = n * 4", "do not stand"),
        ("gone.py", "total = n * 2", "no such file"),
        ("shop.py", "):", "quotes nothing"),
        ("shop.py", "", "quotes nothing"),
        ("shop.py", " \n ", "quotes nothing"),
    ],
)
def test_what_does_not_hold_is_dropped_with_the_reason(path: str, quote: str, why: str) -> None:
    found = held(Citation(path, 1, 2, quote), read)
    assert isinstance(found, Dropped)
    assert why in found.why


def test_a_whole_file_is_no_citation() -> None:
    text = "\n".join(f"line{number}" for number in range(MOST_LINES + 1))
    assert isinstance(held(Citation("a.py", 1, 1, text), lambda _path: text), Dropped)


LINES = st.lists(st.text("ab (=)\t", max_size=12), min_size=1, max_size=12)


@given(LINES, st.integers(0, 11), st.integers(0, 11), st.integers(-3, 20))
def test_what_was_copied_from_a_file_always_holds_and_stands_on_the_lines_told(
    lines: list[str], one: int, other: int, claimed: int
) -> None:
    text = "\n".join(lines)
    first, last = sorted((one % len(lines), other % len(lines)))
    quote = "\n".join(lines[first : last + 1])
    found = held(Citation("a.py", claimed, claimed, quote), lambda _path: text)
    if isinstance(found, Dropped):
        assert sum(each.isalnum() for each in quote) < 3
    else:
        shown = "\n".join(lines[found.first - 1 : found.last])
        assert "".join(quote.split()) in "".join(shown.split())


@given(st.text(max_size=40), st.text(max_size=80), st.integers(), st.integers())
def test_no_text_breaks_it_and_nothing_is_invented(quote: str, text: str, first: int, last: int) -> None:
    found = held(Citation("a.py", first, last, quote), lambda _path: text)
    if isinstance(found, Citation):
        assert found.quote in text


def test_a_quote_that_stands_in_a_flood_is_found_without_weighing_every_place() -> None:
    found = held(Citation("flood.py", 1, 1, "aaa"), lambda _: "a" * 5_000 + "\n" + "a\n" * 5_000)
    assert found == Citation("flood.py", 1, 1, "a" * 5_000)
