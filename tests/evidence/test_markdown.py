"""Hostile text in Markdown: it shows as itself, closes nothing, calls nobody."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.evidence.markdown import Section, code, document, fence, plain, table

ANY = st.text(max_size=120)


def rendered(text: str) -> str:
    return str(MarkdownIt("commonmark").enable("table").render(text))


@pytest.mark.parametrize(
    "text", ["@everyone", "fixes #12", "[x](javascript:alert(1))", "<img src=x onerror=y>", "a | b", "**x**"]
)
def test_plain_text_has_no_mark_up_left(text: str) -> None:
    page = rendered(plain(text))
    assert not re.search(r"<(a|img|strong|em)\b", page)
    assert "@everyone" not in page
    assert "#12" not in page


@given(ANY)
def test_inline_code_shows_the_text_and_ends_where_it_should(text: str) -> None:
    page = rendered(f"before {code(text)} after")
    assert page.startswith("<p>before <code>")
    assert page.rstrip().endswith("</code> after</p>")


@given(ANY)
def test_nothing_inside_closes_a_fence(text: str) -> None:
    page = rendered(f"{fence(text, 'text')}\n\nafter")
    assert page.count("<pre>") == 1
    assert page.rstrip().endswith("<p>after</p>")


@given(ANY, ANY)
def test_a_cell_never_makes_another_column(left: str, right: str) -> None:
    page = rendered(table(("a", "b"), [(plain(left), code(right))]))
    assert page.count("<td>") == 2


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 400)), min_size=1, max_size=8))
def test_whole_sections_go_until_the_rest_fits(shapes: list[tuple[int, int]]) -> None:
    sections = [Section(f"part {number}", fence("x" * size), rank) for number, (rank, size) in enumerate(shapes)]
    text = document(sections, most=1200)
    assert len(text) <= 1200
    assert text.count("```") % 2 == 0
    assert [line for line in text.splitlines() if line.startswith("## ")] == [f"## {each.heading}" for each in sections]


def test_the_dearest_sections_stay_longest() -> None:
    text = document([Section("dear", "d" * 300, 0), Section("cheap", "c" * 300, 9)], most=500)
    assert "d" * 300 in text
    assert "Too long for this page" in text
