"""The plot: what may lie at the root, how rooms and files are named, and that tests mirror the source."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLOT = {
    "pyproject.toml",
    "README.md",
    "bot",
    "policies",
    "workflows",
    "tests",
    "benchmarks",
    "app.yml",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "CHANGELOG.md",
}
VAGUE = {
    "utils",
    "helpers",
    "common",
    "misc",
    "core",
    "base",
    "manager",
    "service",
    "handler",
    "handlers",
    "processor",
    "models",
    "types",
}
MOST_LINES = 400
PURE_CONTRACTS = {
    "desk",
    "engine",
    "github/errors",
    "github/repository",
    "language",
    "llm/provider",
    "runner",
    "stage",
    "history",
    "harness/harness",
    "sandbox/sandbox",
    "change/change",
    "change/move",
}
"""Files that only say what something is; their shapes are checked by mypy and used by every other test."""


def tracked(pattern: str) -> list[Path]:
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z", "--", pattern], capture_output=True, check=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).exists()]


SOURCES = [file for file in tracked("bot/*.py") if "inside" not in file.parts]


def test_only_what_belongs_there_lies_at_the_root() -> None:
    seen = {file.relative_to(ROOT).parts[0] for file in tracked(".")}
    assert {name for name in seen if not name.startswith(".")} <= PLOT


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_names_say_something(file: Path) -> None:
    assert file.stem not in VAGUE
    assert file.stem.startswith("__") or file.stem not in sys.stdlib_module_names or file.parent.name in {"gates", "codemods"}


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_files_stay_short_and_say_what_they_are_for(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count("\n") <= MOST_LINES
    assert ast.get_docstring(ast.parse(text)), "the first line of a file is its one purpose"


@pytest.mark.parametrize("sign", tracked("bot/*/__init__.py"), ids=lambda file: file.parent.name)
def test_every_room_has_a_door_sign(sign: Path) -> None:
    tree = ast.parse(sign.read_text(encoding="utf-8"))
    assert len(tree.body) == 1, "a door sign holds no code"
    assert 1 <= len((ast.get_docstring(tree) or "").splitlines()) <= 12


def test_tests_mirror_the_source() -> None:
    missing = []
    for file in SOURCES:
        name = file.relative_to(ROOT / "bot").with_suffix("")
        if file.stem in {"__init__", "__main__"} or str(name) in PURE_CONTRACTS:
            continue
        mirrors = [f"test_{name.name}.py"] + ["test_every_capability.py"] * (name.parent.name == "capabilities")
        if not any((ROOT / "tests" / name.parent / each).exists() for each in mirrors):
            missing.append(str(name))
    assert missing == []


def test_nothing_names_the_place_it_was_built_in() -> None:
    hosts = ["pypi" + ".org", "python" + "hosted", "registry." + "npmjs", "/work" + "/", "shared" + "/eval", "sea" + "led.bin"]
    for file in (each for each in tracked(".") if each.is_file()):
        text = file.read_text(encoding="utf-8", errors="replace")
        for host in hosts:
            assert host not in text, f"{file.relative_to(ROOT)} names {host}"
