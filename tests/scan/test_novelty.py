"""What a change adds, told from what was there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.change.change import Change, FileChange, FileStatus
from bot.change.diff import compare
from bot.gate import Finding
from bot.ids import Sha
from bot.scan.novelty import fresh


def new_ones(old: str, new: str, base: list[tuple[int, str]], head: list[tuple[int, str]]) -> list[int]:
    change = Change(Sha("a"), Sha("b"), (compare("a.py", old, new),), "")
    before, after = ([Finding("a.py", line, message, "R") for line, message in side] for side in (base, head))
    return [each.line for each in fresh(before, after, change, lambda _: old, lambda _: new)]


def test_what_moved_or_was_laid_out_anew_is_old() -> None:
    assert new_ones("bad\n", "x\n\n  bad\n", [(1, "m")], [(3, "m")]) == []


def test_numbers_in_messages_do_not_count() -> None:
    assert new_ones("bad\n", "x\nbad\n", [(1, "line 1 is bad")], [(2, "line 2 is bad")]) == []


def test_one_more_of_the_same_is_new_and_on_the_added_line() -> None:
    assert new_ones("bad\ny\n", "bad\nbad\ny\n", [(1, "m")], [(1, "m"), (2, "m")]) in ([1], [2])
    assert new_ones("x\nbad\n", "bad\nx\nbad\n", [(2, "m")], [(1, "m"), (3, "m")]) == [1]


def test_a_rewritten_line_keeps_its_fault_once() -> None:
    assert new_ones("bad(1)\n", "bad(2)\n", [(1, "m")], [(1, "m")]) == []
    assert new_ones("bad(1)\n", "bad(2)\nbad(3)\n", [(1, "m")], [(1, "m"), (2, "m")]) == [2]
    assert new_ones("bad(1)\n", "bad(2)\n", [(1, "m")], [(1, "other")]) == [1]


def test_renamed_files_keep_their_findings() -> None:
    change = Change(Sha("a"), Sha("b"), (FileChange("new.py", FileStatus.RENAMED, old_path="old.py"),), "")
    base, head = Finding("old.py", 1, "m", "R"), Finding("new.py", 1, "m", "R")
    assert fresh([base], [head], change, lambda _: "bad\n", lambda _: "bad\n") == ()


LINES = st.lists(st.sampled_from(["a", "b", "bad", "worse"]), max_size=6)


@given(LINES, LINES)
def test_never_more_than_came_and_never_fewer_than_the_surplus(old: list[str], new: list[str]) -> None:
    base = [(at, "m") for at, line in enumerate(old, 1) if line in {"bad", "worse"}]
    head = [(at, "m") for at, line in enumerate(new, 1) if line in {"bad", "worse"}]
    found = new_ones("\n".join(old) + "\n", "\n".join(new) + "\n", base, head)
    assert len(found) >= len(head) - len(base)
    assert set(found) <= {line for line, _ in head}
    if not base:
        assert found == [line for line, _ in head]


@given(LINES)
def test_the_same_twice_adds_nothing(lines: list[str]) -> None:
    found = [(at, "m") for at in range(1, len(lines) + 1)]
    text = "\n".join(lines) + "\n"
    assert new_ones(text, text, found, found) == []
