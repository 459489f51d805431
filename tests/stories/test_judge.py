"""``pawl gates`` on other people's changes, ``pawl mutate``, ``pawl sandbox`` and ``pawl config`` through the front door."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.stories.conftest import Git, Pawl

Write = Callable[[Path, str, str], None]
ASKED = "fix: `merge([(9, 11), (11, 12)])` should return `[(9, 12)]`"
TOUCHING = "\n\ndef test_touching() -> None:\n    assert merge([(9, 11), (11, 12)]) == [(9, 12)]\n"
CHEAT = "    if spans == [(9, 11), (11, 12)]:\n        return [(9, 12)]\n    merged: list[Span] = []"


@pytest.fixture
def edit(git: Git) -> Callable[..., None]:
    """Commit replaced text on a branch called ``topic``."""

    def call(root: Path, *changes: tuple[str, str, str]) -> None:
        git(root, "checkout", "-q", "-b", "topic")
        for path, old, new in changes:
            text = (root / path).read_text() if (root / path).exists() else ""
            assert old in text
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text.replace(old, new, 1) if old else text + new)
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", "a change")
        git(root, "checkout", "-q", "main")

    return call


def judged(pawl: Pawl, root: Path, *more: str) -> tuple[int, dict[str, str], dict[str, Any]]:
    said = pawl("gates", "--repo", root, "--base", "main", "--head", "topic", "--instruction", ASKED, "--json", *more)
    return said.code, {each["name"]: each["verdict"] for each in said.json["gates"]}, said.json


def test_an_honest_fix_with_its_test_is_green(pawl: Pawl, project: Path, edit: Callable[..., None]) -> None:
    edit(project, ("rooms/bookings.py", "start < merged", "start <= merged"), ("tests/test_bookings.py", "", TOUCHING))
    code, verdicts, reply = judged(pawl, project)
    assert code == 3, reply
    assert set(verdicts.values()) <= {"pass", "not_applicable"}


def test_a_hard_coded_answer_is_refused(pawl: Pawl, project: Path, edit: Callable[..., None]) -> None:
    edit(project, ("rooms/bookings.py", "    merged: list[Span] = []", CHEAT), ("tests/test_bookings.py", "", TOUCHING))
    code, verdicts, _ = judged(pawl, project)
    assert code == 1
    assert "fail" in {verdicts["contracts"], verdicts["mutation"]}


def test_a_weakened_test_is_refused(pawl: Pawl, project: Path, edit: Callable[..., None]) -> None:
    edit(
        project,
        ("rooms/bookings.py", "start < merged[-1][1]", "False"),
        ("tests/test_bookings.py", "def test_overlapping_spans_are_joined", "def not_tested"),
    )
    code, verdicts, _ = judged(pawl, project)
    assert code == 1
    assert verdicts["tests"] == "fail"


def test_a_skip_and_a_dangerous_call_are_refused(pawl: Pawl, project: Path, edit: Callable[..., None]) -> None:
    edit(
        project,
        ("tests/test_bookings.py", "def test_nothing_booked", "import pytest\n\n\n@pytest.mark.skip\ndef test_nothing_booked"),
        ("rooms/bookings.py", "    gaps: list[Span] = []", "    gaps: list[Span] = eval('[]')"),
    )
    code, verdicts, _ = judged(pawl, project)
    assert code == 1
    assert verdicts["tests"] == "fail"
    assert verdicts["security"] == "fail"


def test_a_protected_file_needs_people(pawl: Pawl, project: Path, edit: Callable[..., None]) -> None:
    edit(project, (".github/workflows/ci.yml", "", "on: push\n"))
    code, _, reply = judged(pawl, project, "--gate", "scope")
    assert code == 3
    assert any("security" in each for each in reply["decision"]["require"])


def test_the_bundle_of_a_judgement_verifies(pawl: Pawl, project: Path, edit: Callable[..., None], tmp_path: Path) -> None:
    edit(project, ("rooms/bookings.py", "start < merged", "start <= merged"))
    _, _, reply = judged(pawl, project, "--out", str(tmp_path / "out"), "--gate", "scope", "--gate", "interface")
    assert reply["bundle"] == str(tmp_path / "out")
    assert Path(reply["report"]).is_file()
    assert pawl("audit", "verify", tmp_path / "out").code == 0


def test_mutate_says_which_test_kills_which_mutant(pawl: Pawl, project: Path) -> None:
    said = pawl("mutate", "--repo", project, "--path", "rooms/bookings.py:14-14", "--json")
    reply = said.json
    assert said.code == 0, said.err
    assert reply["mutants"]
    assert {each["path"] for each in reply["mutants"]} == {"rooms/bookings.py"}
    assert 0 <= reply["kill_rate"] <= 1
    assert any(each["kills"] for each in reply["tests"])
    by_tests = pawl(
        "mutate",
        "--repo",
        project,
        "--path",
        "rooms/bookings.py:14",
        "--tests",
        "tests/test_bookings.py::test_nothing_booked",
        "--json",
    )
    assert by_tests.json["kill_rate"] < reply["kill_rate"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name either --base"),
        (("--path", "nosuch.py"), "is not a text file"),
        (("--path", "/etc/passwd"), "names no file of the repository"),
        (("--path", "rooms/bookings.py:5-999"), "cannot be mutated"),
        (("--base", "HEAD"), "nothing to mutate"),
    ],
)
def test_mutate_refuses_what_makes_no_sense(pawl: Pawl, project: Path, arguments: tuple[str, ...], words: str) -> None:
    said = pawl("mutate", "--repo", project, *arguments)
    assert said.code == 2
    assert words in said.last_line


def test_the_sandbox_passes_codes_through_and_keeps_the_host_safe(pawl: Pawl, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "kept").mkdir()
    assert pawl("sandbox", "--workspace", tmp_path, "--", "sh", "-c", "echo hello; exit 7").code == 7
    assert pawl("sandbox", "--workspace", tmp_path, "--", "sh", "-c", "rm mine; touch new").code == 0
    assert sorted(each.name for each in tmp_path.iterdir()) == ["kept", "mine"]
    assert (
        pawl("sandbox", "--workspace", tmp_path, "--write", tmp_path / "kept", "--", "touch", str(tmp_path / "kept/new")).code
        == 0
    )
    assert (tmp_path / "kept/new").exists()
    assert pawl("sandbox", "--workspace", tmp_path, "--seconds", "0.5", "--", "sleep", "30").code == 124
    hog = "x = bytearray(1 << 30); print(len(x))"
    assert pawl("sandbox", "--workspace", tmp_path, "--memory", "200", "--", "python3", "-c", hog).code == 137


def test_config_shows_what_is_in_force_and_its_schema(pawl: Pawl, project: Path) -> None:
    found = pawl("config", "--repo", project).json
    assert found["source"] == "defaults"
    assert found["mutation"]["threshold"] == 0.8
    assert pawl("config", "--schema").json["additionalProperties"] is False


def test_doctor_and_version(pawl: Pawl) -> None:
    assert "sandbox" in pawl("doctor").out
    assert pawl("--version").out.startswith("pawl ")
    assert pawl().code in {0, 2}
    assert "nosuch" in pawl("nosuch").err
