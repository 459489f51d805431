"""Characters that nobody sees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.syntax.hidden import ALWAYS_HIDDEN, hidden_characters, lookalike_names


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        ("plain\ttext\r", []),
        ("naïve café 東京 עברית", []),
        ("a\u202eb", [2]),
        ("\u200bstart", [1]),
        ("soft\u00adhyphen", [5]),
        ("tags \U000e0041\U000e0042", [6, 7]),
        ("bell \x07 escape \x1b", [6, 15]),
        ("family 👨\u200d👩\u200d👧", []),
        ("क\u200dष", []),
        ("pass\u200dword", [5]),
        ("line\u2028separator", [5]),
        ("\ufeffmark", [1]),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", []),
        ("no\u200cjoin", [3]),
        ("heart ❤\ufe0f, keycap 1\ufe0f\u20e3, 葛\U000e0100", []),
        ("bytes 😀\ufe01\ufe02\ufe03", [9, 10]),
        ("a\ufe0f", [2]),
        ("note \ufff9a\ufffbb", [6, 8]),
        ("number sign \u0600\u0661", []),
    ],
)
def test_hidden_characters(line: str, columns: list[int]) -> None:
    found = hidden_characters(line)
    assert [each.column for each in found] == columns
    assert all(each.why and each.code.startswith("U+") for each in found)


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_hides_nothing(line: str) -> None:
    assert hidden_characters(line) == ()


@given(st.text(alphabet="a\u200b\u202e\u200d\ufe0f\U000e0041\U000e0101क", max_size=12))
def test_what_is_always_hidden_is_found_anywhere(line: str) -> None:
    found = {each.column for each in hidden_characters(line)}
    for run in ALWAYS_HIDDEN.finditer(line):
        assert found & set(range(run.start() + 1, run.end() + 1))


@given(st.text())
def test_any_text_can_be_looked_at(text: str) -> None:
    hidden_characters(text)
    lookalike_names(text)


def test_lookalike_names() -> None:
    assert lookalike_names("p\u0430ssword = 1\n\u043f\u043b\u044e\u0441 = 2\nname = 'p\u0430ss'\n") == ((1, "p\u0430ssword"),)
    assert lookalike_names("é = 1\n") == ()
    assert lookalike_names("p\u0430ss = (") == ((1, "p\u0430ss"),)
