"""Globs and protected paths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.change.paths import matches, why_not, why_protected


@pytest.mark.parametrize(
    ("glob", "yes", "no"),
    [
        ("**", ["a", "a/b/c", ".hidden"], []),
        ("*", ["a"], ["a/b"]),
        ("*.py", ["a.py"], ["a/b.py", "a.pyc"]),
        ("**/*.py", ["a.py", "a/b/c.py"], ["a.txt"]),
        (".github/**", [".github/x", ".github/a/b"], [".github", "a/.github/x"]),
        ("**/CODEOWNERS", ["CODEOWNERS", "docs/CODEOWNERS"], ["MYCODEOWNERS"]),
        ("src/", ["src/a", "src/a/b"], ["src", "lib/src/a"]),
        ("a?c", ["abc"], ["a/c", "abbc"]),
        ("[ab].py", ["a.py"], ["c.py", "[.py"]),
        ("[!ab].py", ["c.py"], ["a.py"]),
        ("a[.py", ["a[.py"], ["a.py"]),
        ("a+(b).py", ["a+(b).py"], ["aab.py"]),
    ],
)
def test_globs(glob: str, yes: list[str], no: list[str]) -> None:
    assert all(matches(path, (glob,)) for path in yes)
    assert not any(matches(path, (glob,)) for path in no)


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_glob_compiles_and_two_stars_match_everything(glob: str, path: str) -> None:
    matches(path, (glob,))
    assert matches(path, ("**",))


def test_why_a_path_may_not_be_touched() -> None:
    protected = (".github/**", "pawl.yml")
    assert why_not("pkg/a.py", ("**",), protected) == ""
    assert "protected" in why_not(".github/workflows/ci.yml", ("**",), protected)
    assert "protected" in why_not(".GitHub/x", ("**",), protected)
    assert "outside" in why_not("docs/a.md", ("pkg/**",), protected)
    assert "(none)" in why_not("docs/a.md", (), protected)


def test_manifests_belong_to_upgrades() -> None:
    assert "depends on" in why_protected("pyproject.toml", ())
    assert "depends on" in why_protected("sub/uv.lock", ())
    assert why_protected("pyproject.toml", (), upgrade=True) == ""
