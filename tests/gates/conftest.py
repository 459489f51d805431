"""Two trees and a lab without isolation, for gates that only read."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from bot.change.change import Change
from bot.change.diff import compare
from bot.change.risk import assess
from bot.config import Config
from bot.gate import Subject, Tree
from bot.ids import Sha
from bot.lab import Lab
from bot.sandbox.environment import prepare
from bot.sandbox.sandbox import Completed, Ended, Environment, Limits
from tests.doubles.bare_sandbox import BareSandbox


class PlainLab:
    """Runs tools in place; remembers what it was asked."""

    seed = 0

    def __init__(self) -> None:
        self.asked: list[tuple[Path, tuple[str, ...]]] = []
        self.answers: Callable[[tuple[str, ...]], Completed | None] = lambda _command: None

    def tool(self, root: Path, command: tuple[str, ...], limits: Limits) -> Completed:
        self.asked.append((root, command))
        made_up = self.answers(command)
        if made_up is not None:
            return made_up
        done = subprocess.run([sys.executable, *command[1:]], cwd=root, capture_output=True, timeout=limits.seconds, check=False)
        return Completed(done.returncode, Ended.EXITED, done.stdout, done.stderr, 0.0)


@pytest.fixture
def plain_lab() -> PlainLab:
    return PlainLab()


Subjects = Callable[..., Subject]


@pytest.fixture
def subject(tmp_path: Path, plain_lab: PlainLab) -> Subjects:
    """Return a builder: ``subject(base files, head files, instruction=…, config=…, spec=…)``."""

    def build(
        old: Mapping[str, str], new: Mapping[str, str], instruction: str = "", config: Config | None = None, **more: Any
    ) -> Subject:
        trees = []
        here = tmp_path / str(len(list(tmp_path.iterdir())))
        for name, files in (("base", old), ("head", new)):
            root = here / name
            for path, text in files.items():
                file = root / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(text.encode())
            root.mkdir(parents=True, exist_ok=True)
            trees.append(Tree(Sha(name), root))
        paths = sorted(path for path in {*old, *new} if old.get(path) != new.get(path))
        change = Change(Sha("base"), Sha("head"), tuple(compare(path, old.get(path), new.get(path)) for path in paths), "")
        if "extra" in more:
            change = Change(change.base, change.head, (*change.files, *more.pop("extra")), "")
        lab = cast("Lab", plain_lab)
        return Subject(
            trees[0], trees[1], change, instruction, more.pop("spec", None), config or Config(), lab, assess(change), **more
        )

    return build


@pytest.fixture(scope="session")
def plain_environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The environment of a project without dependencies, made once."""
    folder = tmp_path_factory.mktemp("environment")
    return prepare(folder, folder / "cache")


@pytest.fixture
def at_work(subject: Subjects, plain_environment: Environment) -> Iterator[Subjects]:
    """Return the same builder with a lab that really runs the trees, in plain processes."""
    with Lab(BareSandbox(), plain_environment) as lab:
        yield lambda *given, **more: replace(subject(*given, **more), lab=lab)
