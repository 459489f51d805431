from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.change.change import Edit, Edits
from bot.change.patch import apply, fold, may_edit, path_problem, refusal, unified
from bot.config import Config, Paths
from bot.errors import InputError
from bot.language import Language
from bot.run import Verb

CONFIG = Config()
PYTHON = Language(
    name="python",
    detects=lambda _root: True,
    is_source=lambda path: path.endswith(".py"),
    is_test=lambda path: "test" in path,
    is_manifest=lambda path: path.endswith("pyproject.toml"),
    is_test_setting=lambda path: path.endswith(("conftest.py", "pytest.ini", "pyproject.toml")),
)

HOSTILE = [
    "",
    "/etc/passwd",
    "~/.bashrc",
    "C:/x",
    "a\\b.py",
    "../a.py",
    "a/../../b.py",
    "a/./b.py",
    "a//b.py",
    "a/",
    ".git/config",
    "a/.git/hooks/pre-commit",
    ".GIT/config",
    ".Git/config",
    "git~1/config",
    ".git./config",
    ".git /config",
    ".git::$INDEX_ALLOCATION/x",
    ".g\u0131t\u200c/config",
    ".gi\u200ct/config",
    ".\uff47it/config",
    ".gitmodules",
    ".gitattributes",
    "a.py\0",
    "a\n.py",
    "a\u202e.py",
    "x" * 300,
    "é" * 128,
    "a/" * 600 + "b",
    "aux.py",
    "NUL",
    "a.py:stream",
    "a.py.",
    "a.py ",
    " ",
    "...",
]


@pytest.mark.parametrize("path", HOSTILE)
def test_no_verb_and_no_setting_opens_a_hostile_path(path: str) -> None:
    assert path_problem(path)
    for verb in Verb:
        assert not may_edit(path, Config(paths=Paths(allowed=("**",), protected=())), verb)
        assert "may not be edited" in refusal(path, CONFIG, verb)


@pytest.mark.parametrize(
    "path", ["a.py", "src/pkg/__init__.py", "docs/häuser.md", ".gitignore", "git.py", "gitmodules.py", "a-b/c d.py"]
)
def test_ordinary_paths_are_open(path: str) -> None:
    assert path_problem(path) == ""
    assert may_edit(path, CONFIG, Verb.FIX, PYTHON)


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/ci.yml",
        ".GitHub/workflows/ci.yml",
        ".GITHUB/x",
        ".g\uff49thub/x",
        "CODEOWNERS",
        "docs/codeowners",
        "pawl.yml",
        "Pawl.YML",
        "AGENTS.md",
        "a/agents.MD",
        "CLAUDE.md",
        ".cursor/rules",
        ".mcp.json",
    ],
)
def test_protected_files_stay_so_under_every_spelling(path: str) -> None:
    for verb in Verb:
        assert not may_edit(path, CONFIG, verb)


@pytest.mark.parametrize(
    "path", ["pyproject.toml", "PyProject.toml", "requirements.txt", "uv.lock", "a/poetry.lock", "package.json", "setup.py"]
)
def test_manifests_and_locks_open_only_to_an_upgrade(path: str) -> None:
    assert not may_edit(path, CONFIG, Verb.FIX)
    assert not may_edit(path, CONFIG, Verb.FIX, PYTHON)
    assert may_edit(path, CONFIG, Verb.UPGRADE, PYTHON)


def test_a_language_knows_more_manifests_and_what_switches_tests_off() -> None:
    assert "manifests" in refusal("sub/pyproject.toml", CONFIG, Verb.FIX, PYTHON) or refusal(
        "sub/pyproject.toml", CONFIG, Verb.FIX
    )
    assert "switch tests off" in refusal("tests/conftest.py", CONFIG, Verb.UPGRADE, PYTHON)
    odd = Language("odd", PYTHON.detects, PYTHON.is_source, PYTHON.is_test, lambda path: path == "deps.odd", lambda _path: False)
    assert "upgrade" in refusal("deps.odd", CONFIG, Verb.FIX, odd)
    assert may_edit("deps.odd", CONFIG, Verb.UPGRADE, odd)


def test_only_allowed_paths_are_open() -> None:
    config = Config(paths=Paths(allowed=("src/**", "*.md")))
    assert may_edit("src/a/b.py", config, Verb.FIX)
    assert may_edit("README.md", config, Verb.FIX)
    assert not may_edit("docs/a.md", config, Verb.FIX)
    assert not may_edit("SRC/a.py", config, Verb.FIX)


def test_nothing_is_written_through_a_link() -> None:
    assert "symbolic link" in refusal("a/b/c.py", CONFIG, Verb.FIX, is_link=lambda path: path == "a/b")
    assert not may_edit("c.py", CONFIG, Verb.FIX, is_link=lambda path: path == "c.py")
    assert may_edit("a/c.py", CONFIG, Verb.FIX, is_link=lambda path: path == "a/b")


@given(st.text(max_size=60), st.sampled_from(list(Verb)))
def test_any_text_is_judged(path: str, verb: Verb) -> None:
    assert may_edit(path, CONFIG, verb) is (refusal(path, CONFIG, verb) == "")
    if may_edit(path, CONFIG, verb):
        assert ".." not in path.split("/")
        assert not path.startswith("/")
        assert not fold(path).startswith((".git/", ".github/"))


def edits(**changes: str | None) -> Edits:
    return Edits(tuple(Edit(path.replace("__", "/"), text) for path, text in changes.items()))


def test_edits_write_and_delete() -> None:
    before = {"a": "1\n", "b/c": "2\n"}
    assert apply(before, edits(a=None, b__d="3\n")) == {"b/c": "2\n", "b/d": "3\n"}
    assert before == {"a": "1\n", "b/c": "2\n"}


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (Edits((Edit("../a", "x"),)), "'..'"),
        (Edits((Edit("zz", None),)), "no such file"),
        (Edits((Edit("n", "x"), Edit("n", "y"))), "same file"),
        (Edits((Edit("n", "x"), Edit("N", "y"))), "same file"),
        (Edits((Edit("A", "x"),)), "up to case"),
        (Edits((Edit("b", "x"),)), "has that name"),
        (Edits((Edit("a/x", "x"),)), "has that name"),
        (Edits((Edit("n", "\0"),)), "not text"),
        (Edits((Edit("n", "\ud800"),)), "not text"),
        (Edits((Edit("n", "x" * (2 * 1024 * 1024 + 1)),)), "larger"),
    ],
)
def test_edits_that_clash_are_an_input_error(made: Edits, says: str) -> None:
    with pytest.raises(InputError, match=says.replace(".", r"\.")):
        apply({"a": "1\n", "b/c": "2\n"}, made)


texts = st.text(alphabet="ab\n\r\f\u2028 ", max_size=12)


@given(
    st.dictionaries(st.sampled_from(["a", "b", "c"]), texts), st.dictionaries(st.sampled_from(["a", "b", "c"]), texts, min_size=1)
)
def test_the_diff_lists_every_line_that_differs(before: dict[str, str], after: dict[str, str]) -> None:
    diff = unified(before, Edits(tuple(Edit(path, text) for path, text in after.items())))
    changed = [path for path, text in sorted(after.items()) if before.get(path) != text]
    assert [line.split(" b/")[1] for line in diff.split("\n") if line.startswith("diff --git")] == changed


def test_git_applies_the_diff(tmp_path: Path) -> None:
    before = {"keep.py": "x = 1\n" * 20, "gone.py": "old", "end.py": "a\nb"}
    made = edits(**{"keep.py": "x = 1\n" * 19 + "x = 2\n", "new.py": "n\u2028m\n", "end.py": "a\nb\n", "gone.py": None})
    for path, text in before.items():
        (tmp_path / path).write_bytes(text.encode())
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=unified(before, made).encode(), check=True)
    after = {file.name: file.read_bytes().decode() for file in tmp_path.iterdir()}
    assert after == apply(before, made)
