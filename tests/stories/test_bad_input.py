"""Whatever is wrong with what a person gives: one sentence, the right exit code, and the repository is left as it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox.bubblewrap import find_bwrap

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


def test_a_suite_that_hangs_ends(pawl: Pawl, repository: Make, untouched: Look) -> None:
    hanging = "def test_hang():\n    while True:\n        pass\n"
    root = repository({**GOOD, "test_hang.py": hanging})
    before = untouched(root)
    said = pawl("run", "--repo", root, "--json", FIX, seconds=280)
    verdicts = {each["name"]: each["verdict"] for each in said.json["gates"]}
    assert said.code == 3, "a test that hung before hangs still, and nobody else's change is to blame"
    assert verdicts["tests"] == "pass"
    assert untouched(root) == before


def test_tests_that_fail_already_are_not_blamed_on_the_change(pawl: Pawl, repository: Make) -> None:
    root = repository({**GOOD, "test_other.py": "def test_other():\n    assert 1 == 2\n"})
    said = pawl("run", "--repo", root, "--json", FIX)
    assert said.code in {0, 3}, said.err + said.out[:2000]


BIG = {**GOOD, "notes.txt": "words\n" * 50_000}


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for next to nothing."""
    place = tmp_path / "full"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "none", place], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("only root can make a disk that is full")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def test_a_quota_ends_the_gates_in_one_sentence(pawl: Pawl, repository: Make, untouched: Look) -> None:
    root = repository(BIG)
    before = untouched(root)
    command = ["prlimit", "--fsize=65536", *pawl.command("gates", "--repo", root, "--base", "HEAD", "--head", "HEAD", "--json")]
    done = subprocess.run(command, env=pawl.env, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 2, done.stderr
    assert "(File too large): make room there, or set TMPDIR" in json.loads(done.stdout)["error"]
    assert untouched(root) == before


def test_a_run_on_a_full_disk_stands_until_there_is_room(pawl: Pawl, repository: Make, untouched: Look, full: Path) -> None:
    root = repository(BIG)
    before = untouched(root)
    said = pawl("run", "--repo", root, FIX, TMPDIR=str(full))
    one_sentence(said, 2, "(No space left on device): make room there, or set TMPDIR")
    assert untouched(root) == before
    run = said.last_line.partition("--resume ")[2].rstrip("`")
    assert pawl("run", "--repo", root, "--resume", run).code == 3


def test_a_full_disk_for_the_database(pawl: Pawl, repository: Make, full: Path) -> None:
    one_sentence(pawl("run", "--repo", repository(GOOD), FIX, PAWL_HOME=str(full)), 2, "make room and try again")


def test_a_corrupt_database(pawl: Pawl, repository: Make, untouched: Look, tmp_path: Path) -> None:
    root, home = repository(GOOD), tmp_path / "home"
    before = untouched(root)
    assert pawl("audit", "verify", PAWL_HOME=str(home)).code == 0
    data = home / "postgres/data"
    while (data / "postmaster.pid").exists():
        time.sleep(0.1)
    (data / "global/pg_control").write_bytes(b"\x07" * 8192)
    one_sentence(pawl("run", "--repo", root, FIX, PAWL_HOME=str(home)), 2, "or move it away and Pawl begins a new one")
    assert untouched(root) == before


def test_a_bundle_that_cannot_be_written_is_said_before_anything_is_done(pawl: Pawl, repository: Make) -> None:
    said = pawl("run", "--repo", repository(GOOD), "--out", "/proc/x/y", FIX)
    one_sentence(said, 2, "/proc/x/y cannot be written (No such file or directory): name another place with --out")
    assert "plan" not in said.err


def test_without_bubblewrap_another_layer_stands_and_one_line_says_what_to_install(pawl: Pawl, repository: Make) -> None:
    hidden = ["unshare", "--mount", "sh", "-c", 'mount --bind /dev/null "$0" && exec "$@"', str(find_bwrap() or "/usr/bin/bwrap")]
    if subprocess.run([*hidden, "true"], capture_output=True, check=False).returncode:
        pytest.skip("bubblewrap cannot be hidden here")
    command = [*hidden, *pawl.command("gates", "--repo", repository(GOOD), "--base", "HEAD", "--head", "HEAD", "--gate", "tests")]
    done = subprocess.run(command, env=pawl.env, capture_output=True, text=True, timeout=110, check=False)
    advice = [line for line in done.stderr.splitlines() if "bubblewrap is missing: apt-get install bubblewrap" in line]
    assert len(advice) == 1, done.stderr
    assert "sandbox: landlock-restricted" in advice[0]
    assert "tests" in done.stdout


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
