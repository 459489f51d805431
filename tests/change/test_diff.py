"""Unified diffs: what git prints is read as it is, and junk is refused with one sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.change.change import FileChange, FileStatus, Hunk
from bot.change.diff import NO_NEWLINE, DiffError, compare, parse, render

GIT = shutil.which("git") or "git"
ENV = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}
LINES = st.text(alphabet="ab \t\r\f\x85\u2028+-@\\é", max_size=4)
TEXTS = st.builds(lambda lines, end: "\n".join(lines) + end, st.lists(LINES, max_size=12), st.sampled_from(["", "\n"]))


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run([GIT, *arguments], cwd=root, env=ENV, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "surrogateescape")


def diff_of(root: Path) -> str:
    git(root, "add", "-A")
    options = ("--no-ext-diff", "--no-textconv", "-M", "--full-index", "--binary")
    return git(root, "diff", *options, "--cached", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "start")
    return tmp_path


def write(root: Path, path: str, content: str | bytes) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "next")


def applied(old: str, file: FileChange) -> str:
    """Apply hunks to a text the slow and plain way."""
    before = old.split("\n")
    out: list[str] = []
    at = 0
    open_end = False
    for hunk in file.hunks:
        start = hunk.old_start - 1 if hunk.old_lines else hunk.old_start
        out += before[at:start]
        at = start + hunk.old_lines
        for index, line in enumerate(hunk.lines):
            if line.startswith(("+", " ")):
                out.append(line[1:])
            if line == NO_NEWLINE and hunk.lines[index - 1][0] in "+ ":
                open_end = True
    rest = before[at:]
    if rest in ([""], []):
        return "\n".join(out) + ("" if open_end or not out else "\n")
    return "\n".join(out + rest)


def test_nothing_is_no_file() -> None:
    assert parse("") == ()
    assert render(()) == ""


def test_every_kind_of_file_from_git(repository: Path) -> None:
    write(repository, "kept.py", "a\nb\nc\n")
    write(repository, "old name.py", "".join(f"{i}\n" for i in range(20)))
    write(repository, "gone.py", "x\n")
    write(repository, "run.sh", "echo\n")
    write(repository, "picture.bin", bytes(range(256)))
    write(repository, "link", "text\n")
    commit(repository)
    write(repository, "kept.py", "a\nB\nc")
    (repository / "old name.py").rename(repository / "new name.py")
    write(repository, "new name.py", "".join(f"{i}\n" for i in range(20)) + "end\n")
    (repository / "gone.py").unlink()
    (repository / "run.sh").chmod(0o755)
    write(repository, "picture.bin", bytes(range(255, -1, -1)))
    write(repository, "empty.txt", "")
    (repository / "link").unlink()
    (repository / "link").symlink_to("kept.py")
    files = {each.path: each for each in parse(diff_of(repository))}
    assert files["kept.py"].status is FileStatus.MODIFIED
    assert files["kept.py"].added_lines == {2, 3}
    assert files["kept.py"].removed_lines == {2, 3}
    assert NO_NEWLINE in files["kept.py"].hunks[0].lines
    assert (files["new name.py"].status, files["new name.py"].old_path) == (FileStatus.RENAMED, "old name.py")
    assert files["new name.py"].added_lines == {21}
    assert files["gone.py"].status is FileStatus.DELETED
    assert files["run.sh"].mode == "100755"
    assert files["picture.bin"].binary
    assert not files["picture.bin"].hunks
    assert files["empty.txt"].status is FileStatus.ADDED
    assert files["empty.txt"].mode == "100644"
    assert (files["link"].status, files["link"].mode) == (FileStatus.MODIFIED, "120000")
    assert (files["link"].added, files["link"].removed) == (1, 1)


def test_binary_file_without_its_patch(repository: Path) -> None:
    write(repository, "a b.bin", bytes(8))
    git(repository, "add", "-A")
    (file,) = parse(git(repository, "diff", "--cached", "HEAD"))
    assert file == FileChange("a b.bin", FileStatus.ADDED, binary=True, mode="100644")


@pytest.mark.parametrize(
    "name", ["tab\there", 'quote"d', "back\\slash", "nöt-ascii", "new\nline", "a b/c b/d", " b", "trailing ", "-", "b/b/b", "🦔"]
)
def test_weird_names(repository: Path, name: str) -> None:
    write(repository, name, "one\n")
    commit(repository)
    write(repository, name, "two\n")
    (file,) = parse(diff_of(repository))
    assert (file.path, file.added, file.removed) == (name, 1, 1)
    (repository / name).chmod(0o755)
    write(repository, name, "one\n")
    (file,) = parse(diff_of(repository))
    assert (file.path, file.mode) == (name, "100755")
    (repository / name).unlink()
    (file,) = parse(diff_of(repository))
    assert (file.path, file.status) == (name, FileStatus.DELETED)


def test_name_that_is_no_utf8(repository: Path) -> None:
    (repository / os.fsdecode(b"caf\xe9")).write_text("x\n")
    (file,) = parse(diff_of(repository))
    assert file.path.encode("utf-8", "surrogateescape") == b"caf\xe9"
    assert parse(render((file,))) == (file,)


def test_lines_that_look_like_headers(repository: Path) -> None:
    write(repository, "a", "-- a/x\nrest\n")
    commit(repository)
    write(repository, "a", "++ b/x\n@@ -1 +1 @@\ndiff --git a/q b/q\n")
    (file,) = parse(diff_of(repository))
    assert (file.added, file.removed) == (3, 2)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=TEXTS, new=TEXTS)
def test_what_git_prints_turns_old_into_new(tmp_path: Path, old: str, new: str) -> None:
    (tmp_path / "old").write_bytes(old.encode())
    (tmp_path / "new").write_bytes(new.encode())
    command = [GIT, "diff", "--no-index", "--text", "old", "new"]
    text = subprocess.run(command, cwd=tmp_path, env=ENV, capture_output=True, check=False).stdout.decode()
    files = parse(text)
    assert bool(files) == (old != new)
    for file in files:
        assert applied(old, file) == new
        assert parse(render(files)) == files


@given(old=TEXTS, new=TEXTS)
def test_compare_tells_what_differs(old: str, new: str) -> None:
    file = compare("a.py", old, new)
    assert applied(old, file) == new
    assert parse(render((file,))) == (file,)
    after = new.split("\n")
    added = [line[1:] for hunk in file.hunks for line in hunk.lines if line.startswith("+")]
    assert [after[number - 1] for number in sorted(file.added_lines)] == added


def test_compare_with_nothing() -> None:
    assert compare("a", None, "x\n").status is FileStatus.ADDED
    assert compare("a", "x\n", None).status is FileStatus.DELETED
    with pytest.raises(DiffError, match="neither side"):
        compare("a", None, None)


NAMES = st.text(min_size=1, max_size=8).filter(lambda name: "\0" not in name and not any("\ud800" <= c <= "\udfff" for c in name))
STATUSES = st.sampled_from(FileStatus)


@given(path=NAMES, old=NAMES, status=STATUSES, mode=st.sampled_from(["100755", "120000"]))
def test_render_then_parse_gives_the_same(path: str, old: str, status: FileStatus, mode: str) -> None:
    hunks = () if status is FileStatus.RENAMED else (Hunk(1, 1, 1, 1, ("-a", "+b")),)
    file = FileChange(
        path,
        status,
        hunks,
        old_path=old if status is FileStatus.RENAMED else None,
        mode=None if status is FileStatus.DELETED else mode,
    )
    assert parse(render((file,))) == (file,)


PIECES = (
    "diff --git a/x b/x\n",
    "@@ -1 +1 @@\n",
    "--- a/x\n",
    "+++ b/x\n",
    "rename from ",
    "+",
    "-",
    " ",
    "\n",
    '"',
    "\\",
    "a/",
    "9",
    "é",
)


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_junk_is_refused_and_never_crashes(text: str) -> None:
    with suppress(DiffError):
        assert parse(render(parse(text))) == parse(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("hello\n", "expected 'diff --git'"),
        ("diff --git a/x b/x\nwhat is this\n", "unknown header"),
        ("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n", "ends in the middle"),
        ("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n?\n", "a hunk's line starts with"),
        ("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n+a\n+b\n-c\n-d\n", "more lines than its header"),
        ("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ one @@\n", "a hunk's header is"),
        ("diff --git a/x b/y\nindex 1..2\n", "names no file"),
        ('diff --git "a/x b/y\nrename from "x\n', "not closed"),
        ('diff --git "a/\\q" "b/\\q"\n', "unknown escape"),
        ("diff --git x x\n--- x\n+++ x\n", "diff.noprefix"),
    ],
)
def test_refusals_say_what_and_where(text: str, why: str) -> None:
    with pytest.raises(DiffError, match=why):
        parse(text)


def test_copies_count_as_added() -> None:
    text = "diff --git a/x b/y\nsimilarity index 100%\ncopy from x\ncopy to y\n"
    assert parse(text) == (FileChange("y", FileStatus.ADDED),)
