from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.version import Version

from bot.change.requirement import clauses, moved, names
from bot.errors import Refused

NEW = Version("2.32.4")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("requests", "requests>=2.32.4"),
        ("requests ; python_version>'3'", "requests>=2.32.4 ; python_version>'3'"),
        ("requests==2.0", "requests==2.32.4"),
        ("requests===2.0", "requests===2.32.4"),
        ("requests [socks] ~=2.0.1 , !=2.5", "requests [socks] ~=2.32.4 , !=2.5"),
        ("requests~=2.0", "requests~=2.32"),
        ("requests==2.0.*", "requests==2.32.*"),
        ("requests>2,<2.20", "requests>=2.32.4,<3"),
        ("requests>=2,<=2.20", "requests>=2.32.4,<=2.32.4"),
        ("requests>=2,<=5", "requests>=2.32.4,<=5"),
        ("requests<9", "requests<9"),
        ("requests==2.32.4", "requests==2.32.4"),
    ],
)
def test_only_the_version_moves(before: str, after: str) -> None:
    assert moved(before, NEW) == after
    assert moved(after, NEW) == after


def test_poetrys_own_operators() -> None:
    assert clauses("^2.1", NEW) == "^2.32"
    assert clauses("~2", NEW) == "~2"
    assert clauses(">=2.1,<3.0", NEW) == ">=2.32.4,<3.0"


def test_names_follow_the_packaging_rules() -> None:
    assert names("Foo_Bar>=1", "foo-bar")
    assert not names("foo", "foo-bar")
    assert not names("foo @ https://example.org/foo.whl", "foo")
    assert not names("-r other.txt", "other")


@pytest.mark.parametrize(("text", "says"), [("x==3", "newer"), ("x!=2.32.*", "excludes"), ("x===wild", "no version")])
def test_it_refuses_rather_than_guess(text: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        moved(text, NEW)


versions = st.builds(lambda parts: ".".join(map(str, parts)), st.lists(st.integers(0, 9), min_size=1, max_size=4))


@given(st.lists(st.tuples(st.sampled_from(["==", "~=", ">=", ">", "<", "<=", "!="]), versions), max_size=3), versions)
def test_the_moved_requirement_admits_the_version(parts: list[tuple[str, str]], version: str) -> None:
    text = "x" + ",".join(op + (given if op != "~=" or "." in given else f"{given}.0") for op, given in parts)
    try:
        after = moved(text, Version(version))
    except Refused:
        return
    assert Requirement(after).specifier.contains(version, prereleases=True)
    assert moved(after, Version(version)) == after
