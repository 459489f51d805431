"""The front door: the real command in a process of its own, on real repositories, with one state folder for all stories."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.demo import make_project


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def last_line(self) -> str:
        return self.err.strip().splitlines()[-1] if self.err.strip() else ""


@dataclass(frozen=True)
class Pawl:
    """The ``pawl`` command with a state folder of its own."""

    home: Path

    @property
    def env(self) -> dict[str, str]:
        keep = {
            name: value for name, value in os.environ.items() if name.startswith(("COV", "PATH", "HOME", "LANG", "PYTHONDONT"))
        }
        return {**keep, "PAWL_HOME": str(self.home / "state"), "PAWL_CACHE": str(self.home / "cache")}

    def __call__(self, *arguments: object, stdin: str | bytes = "", seconds: float = 110, **env: str) -> Said:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            self.command(*arguments), input=data, capture_output=True, timeout=seconds, check=False, env={**self.env, **env}
        )
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode())

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, "-m", "bot", *(str(each) for each in arguments)]


@pytest.fixture(scope="session")
def pawl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pawl]:
    home = tmp_path_factory.mktemp("home")
    yield Pawl(home)
    shutil.rmtree(home / "cache", ignore_errors=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The demo's project: a real repository with a real bug."""
    return make_project(tmp_path / "rooms")


Git = Callable[..., str]


@pytest.fixture
def git() -> Git:
    def call(root: Path, *arguments: str) -> str:
        who = ["-c", "user.name=A Person", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
        return subprocess.run(
            ["git", "-C", str(root), *who, *arguments], check=True, capture_output=True, text=True
        ).stdout.strip()

    return call


@pytest.fixture
def repository(tmp_path: Path, git: Git) -> Callable[[Mapping[str, str]], Path]:
    """Make a repository of the given files and commit them."""

    def make(files: Mapping[str, str], name: str = "repo") -> Path:
        root = tmp_path / name
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        root.mkdir(exist_ok=True)
        git(root, "init", "-q")
        git(root, "add", "-A")
        git(root, "commit", "-q", "--allow-empty", "-m", "first")
        return root

    return make


def picture(root: Path) -> dict[str, bytes]:
    """Return everything of a repository that a run must leave alone: its files and its refs but Pawl's branches."""
    files = {
        str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file() and ".git" not in file.parts
    }
    refs = subprocess.run(["git", "-C", str(root), "for-each-ref"], check=True, capture_output=True).stdout
    status = subprocess.run(["git", "-C", str(root), "status", "--porcelain", "--branch"], check=True, capture_output=True).stdout
    kept = b"\n".join(line for line in refs.splitlines() if b"refs/heads/pawl/" not in line)
    return {**files, "<refs>": kept, "<status>": status, "<head>": (root / ".git/HEAD").read_bytes()}


@pytest.fixture
def untouched() -> Callable[[Path], dict[str, bytes]]:
    return picture
