"""Names that were meant to be mistaken."""

from __future__ import annotations

import pytest

from bot.scan.popular import POPULAR, mistaken_for


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("requests", ""),
        ("reqeusts", "requests"),
        ("request", "requests"),
        ("requestss", "requests"),
        ("requezts", "requests"),
        ("python-requests", "requests"),
        ("beautifulsoup-4", "beautifulsoup4"),
        ("humanize", ""),
        ("toolz", ""),
        ("sux", ""),
    ],
)
def test_mistaken_for(name: str, known: str) -> None:
    assert mistaken_for(name) == known


def test_popular_names_are_not_mistaken_for_each_other() -> None:
    assert not any(mistaken_for(name) for name in POPULAR)
