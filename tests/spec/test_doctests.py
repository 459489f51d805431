from __future__ import annotations

import ast

import pytest

from bot.spec.doctests import claims_of, import_lines, needed, read_entries
from bot.spec.draft import Kind
from bot.spec.spec import Source


def test_entries_have_source_result_label_and_place() -> None:
    text = "Words:\n\n    >>> f(1)\n    2\n    >>> g(\n    ...   1)\n\nNow broken:\n>>> h()\n3\nafter"
    entries = read_entries(text)
    assert [(each.source, each.want, each.label) for each in entries] == [
        ("f(1)", "2", "Words:"),
        ("g(\n  1)", "", "Words:"),
        ("h()", "3\nafter", "Now broken:"),
    ]
    assert [each.is_symptom for each in entries] == [False, False, True]
    assert [(each.first, each.last) for each in entries] == [(2, 3), (4, 5), (8, 10)]


def test_a_source_that_never_ends_takes_nothing_from_the_next_one() -> None:
    entries = read_entries(">>> f(\n1\n>>> g()\n2\n```\n>>> h(\n```")
    assert [(each.source, each.want) for each in entries] == [("f(", "1"), ("g()", "2"), ("h(", "")]
    assert [ast.unparse(each.expression) for each in claims_of(entries, Source.EXAMPLE)] == ["g()"]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        (">>> f()\n3", Kind.EQUALS, "3"),
        (">>> f()\nNone", Kind.IS, "None"),
        (">>> f()\nDecimal('1')", Kind.EQUALS, "Decimal('1')"),
        (">>> f()\nabc", Kind.SHOWS, "'abc'"),
        (">>> f()\nTraceback (most recent call last):\npkg.Bad: no", Kind.RAISES, "Bad"),
        (">>> x = 1; f(x)\n3", Kind.EQUALS, "3"),
    ],
)
def test_a_result_is_read_by_its_kind(text: str, kind: Kind, expected: str) -> None:
    (claim,) = claims_of(read_entries(text), Source.DOCSTRING)
    assert claim.expected is not None
    assert (claim.kind, ast.unparse(claim.expected), claim.origin) == (kind, expected, Source.DOCSTRING)


@pytest.mark.parametrize(
    "text",
    [
        '>>> f()\nTraceback (most recent call last):\n  File "a", line 1\nBad: no',
        ">>> f()\nTraceback (most recent call last):\n  ???",
        ">>> print(f(), g())\n1 2",
        ">>> f()\n[1, ...]",
        ">>> import a",
    ],
)
def test_what_says_nothing_claims_nothing(text: str) -> None:
    assert list(claims_of(read_entries(text), Source.EXAMPLE)) == []


def test_only_the_set_up_that_matters_is_kept() -> None:
    body = ast.parse("a = 1\nb = a\nc = 3\nf(b)").body
    assert [ast.unparse(each) for each in needed(body[:3], body[3])] == ["a = 1", "b = a"]


def test_imports_are_found() -> None:
    assert [ast.unparse(each) for each in import_lines(read_entries(">>> from a import b\n>>> import c"))] == [
        "from a import b",
        "import c",
    ]
