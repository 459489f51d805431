from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from bot.errors import InputError
from bot.sandbox.poetry import from_poetry, version_range

TESTS = re.compile("tests?|dev")


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("*", ""),
        ("", ""),
        ("1.2", "==1.2"),
        ("1.2.*", "==1.2.*"),
        (">= 1.2, < 2", ">=1.2,<2"),
        ("~=1.4", "~=1.4"),
        ("!=1.5", "!=1.5"),
        ("^1.2.3", ">=1.2.3,<2"),
        ("^1.2", ">=1.2,<2"),
        ("^1", ">=1,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0.0", ">=0.0,<0.1"),
        ("^0", ">=0,<1"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1.2", ">=1.2,<1.3"),
        ("~1", ">=1,<2"),
        ("^1.2 || ^2", ""),
    ],
)
def test_version_ranges(wanted: str, given: str) -> None:
    assert version_range(wanted) == given


numbers = st.lists(st.integers(0, 50), min_size=1, max_size=3)


@given(st.sampled_from("^~"), numbers)
def test_a_version_fits_its_own_range_and_the_next_major_does_not(sign: str, version: list[int]) -> None:
    text = ".".join(map(str, version))
    found = SpecifierSet(version_range(sign + text))
    assert Version(text) in found
    assert Version(str(version[0] + 1)) not in found


def test_tables() -> None:
    section = {
        "dependencies": {
            "python": "^3.9",
            "a": "^1",
            "b": {"version": "~2.1", "extras": ["x", "y"], "markers": "sys_platform == 'linux'"},
            "c": {"version": "1", "optional": True},
            "d": [{"version": "1", "python": "<3"}, {"version": "2"}],
            "e": {"version": ["odd"]},
        },
        "dev-dependencies": {"f": "*"},
        "group": {"test": {"dependencies": {"g": "*"}}, "docs": {"dependencies": {"h": "*"}}, "dev": "odd"},
    }
    assert list(from_poetry(section, TESTS)) == ["a>=1,<2", "b[x,y]>=2.1,<2.2 ; sys_platform == 'linux'", "d", "e", "f", "g"]
    assert list(from_poetry({}, TESTS)) == []


@pytest.mark.parametrize("kind", ["git", "url", "path", "file"])
def test_what_is_from_no_index_is_refused(kind: str) -> None:
    with pytest.raises(InputError, match="not from an index"):
        list(from_poetry({"dependencies": {"a": {kind: "x"}}}, TESTS))


def test_an_unreadable_version_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be read"):
        version_range("^x")
