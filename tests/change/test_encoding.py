"""Source text is read as Python reads it, and written as it was read."""

from __future__ import annotations

import ast

import pytest

from bot.change.encoding import decoded, encoded

LATIN = '# -*- coding: latin-1 -*-\n"""Café."""\n'


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("x = 'é'\r\n".encode(), "x = 'é'\r\n"),
        (LATIN.encode("latin-1"), LATIN),
        (("#!/usr/bin/python\n" + LATIN).encode("latin-1"), "#!/usr/bin/python\n" + LATIN),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        (b"x = '\xe9'\n", None),
        (b"# coding: no-such-thing\n", None),
        (b"# coding: hex\n6869\n", None),
        (b"", ""),
    ],
)
def test_decoded(raw: bytes, text: str | None) -> None:
    assert decoded(raw) == text
    if text is not None:
        ast.parse(text)


def test_what_is_written_reads_as_it_was() -> None:
    for text in ("x = 'é'\n", LATIN, "no Python (\n"):
        assert decoded(encoded("a.py", text)) == text
    assert encoded("a.py", LATIN) == LATIN.encode("latin-1")


def test_only_python_has_a_coding_line() -> None:
    assert encoded("notes.txt", LATIN) == LATIN.encode()


def test_what_its_own_encoding_cannot_hold_becomes_utf_8() -> None:
    text = LATIN + "x = '→'\n"
    assert encoded("a.py", text) == text.encode()
    assert encoded("a.py", "# coding: no-such-thing\n") == b"# coding: no-such-thing\n"
