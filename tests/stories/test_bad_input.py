"""Whatever is wrong with what a person gives: one sentence, the right exit code, and the repository is left as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.stories.conftest import Git, Pawl

Make = Callable[[Mapping[str, str]], Path]
Look = Callable[[Path], dict[str, bytes]]

GOOD = {
    "calc.py": "def add(a, b):\n    return a - b\n",
    "test_calc.py": "from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n",
}
FIX = "fix: `add(2, 3)` should return 5"


def one_sentence(said: Any, code: int, words: str) -> None:
    assert said.code == code, said.err
    assert words in said.last_line
    assert said.last_line.startswith("pawl: ")
    assert "Traceback" not in said.err


def test_not_a_directory_and_not_a_repository(pawl: Pawl, tmp_path: Path) -> None:
    one_sentence(pawl("run", "--repo", tmp_path / "nowhere", FIX), 2, "is not a directory")
    one_sentence(pawl("run", "--repo", tmp_path, FIX), 2, "is not a git repository")


def test_a_repository_without_a_commit(pawl: Pawl, tmp_path: Path, git: Git) -> None:
    git(tmp_path, "init", "-q")
    one_sentence(pawl("run", "--repo", tmp_path, FIX), 2, "no commit yet")


def test_a_dirty_tree(pawl: Pawl, repository: Make, untouched: Look) -> None:
    root = repository(GOOD)
    (root / "calc.py").write_text("mine\n")
    before = untouched(root)
    one_sentence(pawl("run", "--repo", root, FIX), 2, "not committed (calc.py): commit or stash")
    assert untouched(root) == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--base", "nosuch", FIX), "'nosuch' names no commit"),
        (("",), "the instruction is empty"),
        (("   \n ",), "the instruction is empty"),
        (("x" * 50_000,), "say it shorter"),
        (("fix it\0now",), ""),
        (("@nosuch.txt",), "nosuch.txt cannot be read"),
        (("--test", "test_calc.py::test_nosuch", FIX), "test_calc.py::test_nosuch"),
        (("--resume", "01NOSUCHRUN000000000000000"), "01NOSUCHRUN000000000000000"),
        (("--engine", "magic", FIX), "magic"),
    ],
)
def test_a_wrong_argument(pawl: Pawl, repository: Make, untouched: Look, arguments: tuple[str, ...], words: str) -> None:
    root = repository(GOOD)
    before = untouched(root)
    try:
        said = pawl("run", "--repo", root, *arguments)
    except ValueError:
        assert "\0" in arguments[-1], "only the operating system itself refuses a NUL in an argument"
        return
    assert said.code == 2, said.err
    assert words in said.err
    assert "Traceback" not in said.err
    assert untouched(root) == before


def test_an_instruction_that_is_no_text(pawl: Pawl, repository: Make) -> None:
    one_sentence(pawl("run", "--repo", repository(GOOD), "-", stdin=b"\xff\xfe\x00fix"), 2, "not UTF-8")


def test_json_is_printed_even_then(pawl: Pawl, repository: Make) -> None:
    said = pawl("run", "--repo", repository(GOOD), "--base", "nosuch", "--json", FIX)
    assert said.code == 2
    assert said.json["state"] == "failed"
    assert "names no commit" in said.json["reason"]


def test_an_unknown_gate_and_a_wrong_configuration(pawl: Pawl, repository: Make) -> None:
    root = repository({**GOOD, ".github/pawl.yml": "gates:\n  lnt: {}\n"})
    one_sentence(pawl("run", "--repo", root, FIX), 2, ".github/pawl.yml:2: gates.lnt: there is no such gate")
    one_sentence(pawl("gates", "--repo", root, "--base", "HEAD", "--head", "HEAD", "--gate", "lnt"), 2, "there is no gate 'lnt'")


def test_something_lies_where_the_bundle_should_go(pawl: Pawl, repository: Make, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine").write_text("mine")
    one_sentence(pawl("run", "--repo", repository(GOOD), "--out", tmp_path / "out", FIX), 2, "is not empty")
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["mine"]


def test_a_syntax_error_in_the_target(pawl: Pawl, repository: Make, untouched: Look) -> None:
    root = repository({**GOOD, "calc.py": "def add(a, b:\n    return a\n"})
    before = untouched(root)
    said = pawl("run", "--repo", root, FIX)
    assert said.code == 1, said.err
    assert "Traceback" not in said.err
    assert untouched(root) == before


def test_binary_files_are_no_obstacle_and_no_target(pawl: Pawl, repository: Make, git: Git) -> None:
    root = repository(GOOD)
    (root / "blob.py").write_bytes(bytes(range(256)))
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "blob")
    said = pawl("run", "--repo", root, "--json", FIX)
    assert said.code in {0, 3}, said.err


def test_no_tests_at_all_and_no_example(pawl: Pawl, repository: Make) -> None:
    said = pawl("run", "--repo", repository({"calc.py": GOOD["calc.py"]}), "make it better somehow, please fix")
    assert said.code == 1
    assert "no trustworthy spec" in said.out


def test_a_suite_that_hangs_ends(pawl: Pawl, repository: Make) -> None:
    hanging = "def test_hang():\n    while True:\n        pass\n"
    root = repository({**GOOD, "test_hang.py": hanging, ".github/pawl.yml": "budget: {suite_seconds: 20}\n"})
    said = pawl("run", "--repo", root, "--json", FIX)
    assert said.code in {0, 1, 3}, said.err


def test_tests_that_fail_already_are_not_blamed_on_the_change(pawl: Pawl, repository: Make) -> None:
    root = repository({**GOOD, "test_other.py": "def test_other():\n    assert 1 == 2\n"})
    said = pawl("run", "--repo", root, "--json", FIX)
    assert said.code in {0, 3}, said.err + said.out[:2000]


def test_two_runs_at_once_on_one_repository(pawl: Pawl, repository: Make) -> None:
    hanging = "def test_hang():\n    while True:\n        pass\n"
    root = repository({**GOOD, "test_hang.py": hanging, ".github/pawl.yml": "budget: {suite_seconds: 60}\n"})
    command = pawl.command("run", "--repo", root, "--json", FIX)
    both = [subprocess.Popen(command, env=pawl.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in "ab"]
    try:
        while all(run.poll() is None for run in both):
            time.sleep(0.05)
        refused, going = sorted(both, key=lambda run: run.poll() is None)
        assert going.poll() is None, "whichever came first runs on"
        said = refused.communicate(timeout=60)[1]
        assert refused.returncode == 2, said
        assert "run" in said.splitlines()[-1]
        assert "Traceback" not in said
    finally:
        for run in both:
            if run.poll() is None:
                os.kill(run.pid, signal.SIGINT)
                run.communicate(timeout=120)


def test_no_sandbox_means_static_gates_only(pawl: Pawl, project: Path, git: Git) -> None:
    git(project, "checkout", "-q", "-b", "topic")
    text = (project / "rooms/bookings.py").read_text()
    (project / "rooms/bookings.py").write_text(text.replace("start < merged", "start <= merged"))
    git(project, "commit", "-q", "-a", "-m", "fix")
    said = pawl("gates", "--repo", project, "--base", "main", "--head", "topic", "--json", PAWL_SANDBOX="none")
    verdicts = {each["name"]: each["verdict"] for each in said.json["gates"]}
    assert said.code == 1
    assert verdicts["tests"] == "error"
    assert verdicts["scope"] == "pass"
