from __future__ import annotations

from bot.codemod import example, joined, per_file, unchanged


def test_a_transform_of_single_files_reports_only_what_changes() -> None:
    shout = per_file(str.upper)
    assert shout({"a.py": "x", "b.py": "Y", "c.txt": "z", "d.pyi": "w"}, {}) == {"a.py": "X", "d.pyi": "W"}


def test_joining_keeps_the_rest() -> None:
    assert joined({"a": "1", "b": "2"}, {"b": "3"}) == {"a": "1", "b": "3"}


def test_examples_are_pairs() -> None:
    assert example("a", "b", x=1).arguments == {"x": 1}
    assert [each.before == each.after for each in unchanged("a", "b")] == [True, True]
