"""A scene starts with the calls that people wrote."""

from __future__ import annotations

from pathlib import Path

from bot.behaviour.scene import expected_values, scenes
from bot.behaviour.scene import test_sources as sources_of_tests
from bot.behaviour.touched import compare

TEST = """\
import pytest
from pkg.m import f

def test_one():
    assert f([3, 1]) == [1, 3]

@pytest.mark.parametrize(("a", "b"), [([], 7), ([2], "x")])
def test_table(a, b):
    assert f(a) == b
"""


def test_a_scene_starts_with_what_people_wrote() -> None:
    file = compare(
        "pkg/m.py", "", "def f(a):\n    '''\n    >>> f([9])\n    '''\n    return sorted(a)\n\ndef g(*, obscure):\n    return 1\n"
    )
    assert file is not None
    found = scenes((file,), {"tests/test_m.py": TEST}, seed=1, most=20)
    assert [each.routine.qualname for each in found][:1] == ["f"]
    scene = found[0]
    assert scene.calls[0].arguments == "([3, 1],)"
    assert {each.arguments for each in scene.examples} == {"([3, 1],)", "([],)", "([2],)", "([9],)"}
    assert len(scene.calls) == 20


def test_expected_values_come_from_comparisons_and_tables() -> None:
    found = list(expected_values({"a": TEST, "broken": "def ("}))
    assert [1, 3] in found
    assert 7 in found
    assert "x" in found


def test_only_test_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("x = 1\n")
    (tmp_path / "test_m.py").write_text("def test_y():\n    pass\n")
    assert list(sources_of_tests(tmp_path)) == ["test_m.py"]
