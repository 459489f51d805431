from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.harness.patch import Patch, patch_of

TEXTS = st.lists(st.sampled_from(["a", "b", "", "    c", "\r", "é"]), max_size=8).map("\n".join)


def applied(patch: Patch | None, old: str) -> str:
    if patch is None:
        return old
    lines = old.split("\n")
    return "\n".join([*lines[: patch.first], *patch.text, *lines[patch.last :]])


@given(TEXTS, TEXTS)
def test_a_patch_turns_the_old_text_into_the_new(old: str, new: str) -> None:
    assert applied(patch_of("m.py", old, new), old) == new


@given(TEXTS, TEXTS)
def test_a_patch_begins_and_ends_with_lines_that_differ(old: str, new: str) -> None:
    patch = patch_of("m.py", old, new)
    if patch is None:
        assert old == new
        return
    gone = old.split("\n")[patch.first : patch.last]
    if gone and patch.text:
        assert gone[0] != patch.text[0]
        assert gone[-1] != patch.text[-1]


def test_one_changed_line_is_one_line() -> None:
    patch = patch_of("m.py", "a\nb\nc\n", "a\nx\nc\n")
    assert patch == Patch("m.py", 1, 2, ("x",))
    assert patch.lines == {2}


def test_an_insertion_takes_nothing_away_and_touches_both_neighbours() -> None:
    patch = patch_of("m.py", "a\nb\n", "a\nx\nb\n")
    assert patch == Patch("m.py", 1, 1, ("x",))
    assert patch.lines == {1, 2}
    assert patch.plain() == {"path": "m.py", "first": 1, "last": 1, "text": ["x"]}


def test_a_repeated_line_is_inserted_once() -> None:
    assert patch_of("m.py", "a\na\n", "a\na\na\n") == Patch("m.py", 2, 2, ("a",))
