"""Who owns a path: the examples of the format's own description, and laws that hold for any file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.change.codeowners import MOST_BYTES, NOBODY, CodeOwners, Rule, parse


@pytest.mark.parametrize(
    ("pattern", "path", "owned"),
    [
        ("*", "a.py", True),
        ("*", "deep/down/a.py", True),
        ("*.js", "a/b/c.js", True),
        ("*.js", "a/b/c.jsx", False),
        ("/build/logs/", "build/logs/x/y.txt", True),
        ("/build/logs/", "build/logs", False),
        ("/build/logs/", "src/build/logs/x", False),
        ("docs/*", "docs/start.md", True),
        ("docs/*", "docs/more/start.md", False),
        ("apps/", "src/apps/a/b.py", True),
        ("apps/", "apps", False),
        ("/docs/", "docs/a.md", True),
        ("/docs/", "x/docs/a.md", False),
        ("/apps/github", "apps/github/x.py", True),
        ("/apps/github", "apps/githubs", False),
        ("**/logs", "deep/nested/logs/x.log", True),
        ("**/logs", "logs/x.log", True),
        ("src/**", "src/a/b.py", True),
        ("src/**/test.py", "src/a/b/test.py", True),
        ("src/**/test.py", "src/test.py", True),
        ("src/a?.py", "src/ab.py", True),
        ("src/a?.py", "src/a/.py", False),
        ("Read.md", "read.md", False),
        ("my\\ file.txt", "my file.txt", True),
        ("a.py", "axpy", False),
    ],
)
def test_a_pattern(pattern: str, path: str, owned: bool) -> None:
    assert bool(parse(f"{pattern} @ann\n").owners(path)) is owned


def test_the_last_line_that_matches_decides() -> None:
    found = parse("* @ann\n/src/ @bob @acme/core # remark\n\n# only a remark\n/src/open/\n*.md docs@example.org\n")
    assert found.owners("x.py") == ("@ann",)
    assert found.owners("src/x.py") == ("@bob", "@acme/core")
    assert found.owners("src/open/x.py") == ()
    assert found.owners("src/open/x.md") == ("docs@example.org",)
    assert [each.line for each in found.rules] == [1, 2, 5, 6]


def test_lines_that_github_does_not_take_are_passed_over() -> None:
    found = parse("* @ann\n!a.py @bob\n[ab].py @bob\n\\#x @bob\nb.py bob\nc.py @bob @\n/ @bob\n")
    assert found == CodeOwners((Rule("*", ("@ann",), 1),), (2, 3, 4, 5, 6, 7))
    assert found.owners("a.py") == ("@ann",)


def test_a_file_that_is_too_large_says_nothing() -> None:
    assert parse("* @ann\n" + "#" * MOST_BYTES) is NOBODY


NAMES = st.text("abc.*?/\\ #![]é\n\r\t@-", max_size=12)


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    found = parse(text)
    lines = text.count("\n") + 1
    assert {*(each.line for each in found.rules), *found.void} <= set(range(1, lines + 1))


@given(st.lists(st.tuples(NAMES, st.lists(st.sampled_from(["@ann", "@acme/core", "x@y.org"])))), NAMES)
def test_the_answer_is_that_of_the_last_line_that_matches_alone(lines: list[tuple[str, list[str]]], path: str) -> None:
    found = parse("\n".join(f"{pattern} {' '.join(owners)}" for pattern, owners in lines))
    matching = [rule for rule in found.rules if CodeOwners((Rule(rule.pattern, ("@x",), 1),)).owners(path)]
    assert found.owners(path) == (matching[-1].owners if matching else ())


@given(st.text("abc.é-", min_size=1, max_size=8), st.lists(st.text("abc.", min_size=1, max_size=4), max_size=3))
def test_a_plain_name_owns_itself_wherever_it_lies_and_all_below(name: str, folders: list[str]) -> None:
    found = parse(f"{name} @ann\n")
    above = "/".join([*folders, name])
    assert found.owners(above) == ("@ann",)
    assert found.owners(f"{above}/below.txt") == ("@ann",)
    rooted = parse(f"/{name} @ann\n")
    assert (rooted.owners(above) == ("@ann",)) is (not folders or folders[0] == name)
