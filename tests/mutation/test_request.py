from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.change.change import Change, FileChange, FileStatus, Hunk
from bot.errors import InputError
from bot.ids import NodeId, Sha
from bot.mutation.mutation import JudgedMutant, KillMatrix, Mutant, MutantStatus
from bot.mutation.request import lines_of_change, lines_of_place, to_json


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("a = 1\nb = 2\nc = 3")
    (tmp_path / "src" / "ap_.py").mkdir()
    return tmp_path


@pytest.mark.parametrize(("place", "lines"), [("src/app.py", {1, 2, 3}), ("src/app.py:2", {2}), ("src/app.py:1-2", {1, 2})])
def test_a_place_names_lines(root: Path, place: str, lines: set[int]) -> None:
    assert lines_of_place(root, place) == {"src/app.py": frozenset(lines)}


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("src/ap.py", "did you mean src/app.py"),
        ("zzzzzz", "give a path from its root"),
        ("src/app.py:3-2", "has lines 1 to 3"),
        ("src/app.py:1-9", "has lines 1 to 3"),
        ("../app.py", "names no file of the repository"),
        ("/etc/passwd", "names no file of the repository"),
        ("", "names no file of the repository"),
    ],
)
def test_a_place_that_is_not_there_is_refused_in_one_sentence(root: Path, place: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        lines_of_place(root, place)


def test_a_changes_lines_are_those_it_added_to_source_files() -> None:
    hunk = Hunk(1, 1, 1, 2, (" a", "+b"))
    files = (
        FileChange("app.py", FileStatus.MODIFIED, (hunk,)),
        FileChange("test_app.py", FileStatus.MODIFIED, (hunk,)),
        FileChange("old.py", FileStatus.DELETED, (hunk,)),
        FileChange("same.py", FileStatus.RENAMED),
    )
    change = Change(Sha("a" * 40), Sha("b" * 40), files, "")
    assert lines_of_change(change, lambda path: not path.startswith("test_")) == {"app.py": frozenset({2})}


def test_the_json_is_the_contract() -> None:
    mutant = JudgedMutant(Mutant("i", "a.py", 1, "number", "d", "x"), MutantStatus.KILLED, (NodeId("t"),))
    found = to_json(KillMatrix((mutant,), (NodeId("t"), NodeId("u")), 1.23456))
    assert json.loads(json.dumps(found)) == {
        "mutants": [
            {"id": "i", "path": "a.py", "line": 1, "operator": "number", "diff": "d", "status": "killed", "killed_by": ["t"]}
        ],
        "kill_rate": 1.0,
        "tests": [{"id": "t", "kills": 1}, {"id": "u", "kills": 0}],
        "seconds": 1.235,
        "why_not": "",
    }
