"""Taking a change back: exactly what was before where nobody came between, and never over what others did since."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.change.change import Change, Edit, FileChange, FileStatus
from bot.change.diff import compare
from bot.change.undo import merge, undo
from bot.ids import Sha

BASE, HEAD = Sha("a" * 40), Sha("b" * 40)
LINES = st.lists(st.sampled_from("abcdef"), max_size=9).map(lambda lines: "".join(f"{each}\n" for each in lines))


def change(*files: FileChange) -> Change:
    return Change(BASE, HEAD, files, "")


def taken_back(
    before: dict[str, str], after: dict[str, str], now: dict[str, str], *files: FileChange
) -> tuple[tuple[Edit, ...], int]:
    found = undo(change(*files), before.get, after.get, now.get)
    return found.edits, len(found.conflicts)


def test_untouched_files_become_what_they_were() -> None:
    before, after = {"a.py": "x\n", "gone.py": "g\n"}, {"a.py": "y\n", "new.py": "n\n"}
    files = (compare("a.py", "x\n", "y\n"), FileChange("new.py", FileStatus.ADDED), FileChange("gone.py", FileStatus.DELETED))
    edits, conflicts = taken_back(before, after, {**after, "other.py": "o\n"}, *files)
    assert edits == (Edit("a.py", "x\n"), Edit("new.py", None), Edit("gone.py", "g\n"))
    assert conflicts == 0


def test_a_renamed_file_moves_back() -> None:
    moved = FileChange("new.py", FileStatus.RENAMED, old_path="old.py")
    edits, _ = taken_back({"old.py": "x\n"}, {"new.py": "x\n"}, {"new.py": "x\n"}, moved)
    assert edits == (Edit("new.py", None), Edit("old.py", "x\n"))


def test_what_came_since_elsewhere_in_the_file_stays() -> None:
    before, after = "a\nb\nc\nd\ne\n", "a\nB\nc\nd\ne\n"
    edits, conflicts = taken_back({"a.py": before}, {"a.py": after}, {"a.py": "a\nB\nc\nd\nE\n"}, compare("a.py", before, after))
    assert (edits, conflicts) == ((Edit("a.py", "a\nb\nc\nd\nE\n"),), 0)


@pytest.mark.parametrize("now", [{"a.py": "z\n"}, {}])
def test_what_came_since_in_the_same_lines_is_a_conflict_and_then_nothing_is_done(now: dict[str, str]) -> None:
    files = compare("a.py", "x\n", "y\n"), compare("b.py", "x\n", "y\n")
    before, after = {"a.py": "x\n", "b.py": "x\n"}, {"a.py": "y\n", "b.py": "y\n"}
    assert taken_back(before, after, {**now, "b.py": "y\n"}, *files) == ((), 1)


def test_what_is_undone_already_needs_nothing() -> None:
    assert taken_back({"a.py": "x\n"}, {"a.py": "y\n"}, {"a.py": "x\n"}, compare("a.py", "x\n", "y\n")) == ((), 0)


def test_binary_files_and_modes_need_a_person() -> None:
    odd = FileChange("a.bin", FileStatus.MODIFIED, binary=True), FileChange("run.sh", FileStatus.MODIFIED, mode="100755")
    assert taken_back({}, {}, {}, *odd) == ((), 2)


@given(LINES, LINES)
def test_one_sided_changes_always_merge(origin: str, changed: str) -> None:
    assert merge(origin, changed, origin) == changed
    assert merge(origin, origin, changed) == changed
    assert merge(origin, changed, changed) == changed


@given(LINES, LINES, LINES)
def test_it_does_not_matter_whose_change_is_whose(origin: str, ours: str, theirs: str) -> None:
    assert (merge(origin, ours, theirs) is None) == (merge(origin, theirs, ours) is None)


@pytest.mark.parametrize("seed", range(12))
def test_where_it_merges_it_merges_as_git_does(seed: int, tmp_path: Path) -> None:
    """Far apart, edits merge, and the result is git's; conflicts of git's are conflicts here."""
    origin = [f"line {number}\n" for number in range(30)]
    ours, theirs = list(origin), list(origin)
    ours[seed] = "ours\n"
    theirs[(seed * 7) % 30] = "theirs\n"
    files = []
    for name, lines in (("ours", ours), ("origin", origin), ("theirs", theirs)):
        (tmp_path / name).write_text("".join(lines))
        files.append(str(tmp_path / name))
    done = subprocess.run(["git", "merge-file", "-p", *files], capture_output=True, text=True, check=False)
    merged = merge("".join(origin), "".join(ours), "".join(theirs))
    if done.returncode:
        assert merged is None
    elif merged is not None:
        assert merged == done.stdout


@given(LINES, LINES, LINES)
def test_nothing_that_came_since_is_lost(origin: str, ours: str, theirs: str) -> None:
    merged = merge(origin, ours, theirs)
    assume(merged is not None)
    assert merged is not None
    added = set(ours.split()) - set(origin.split())
    assert added <= set(merged.split())


def test_what_is_no_text_on_either_side_is_not_passed_over() -> None:
    assert taken_back({}, {}, {}, FileChange("latin.py", FileStatus.MODIFIED)) == ((), 1)
