"""The toolbox: pytest, hypothesis and coverage with what they need, copied from Pawl's own installation.

Projects are tested with it without anything being downloaded. It comes last on ``sys.path``, so that a project's own
versions of the same packages win.
"""

from __future__ import annotations

import compileall
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot.errors import Fatal
from bot.sandbox.cached import built_once

TOOLS = ("pytest", "hypothesis", "coverage")


def toolbox(cache: Path) -> Path:
    """Return the directory to append to ``sys.path``, built at the first call.

    Raises:
        Fatal: Pawl's own installation lacks one of the tools.
    """
    wanted = list(_with_requirements())
    return built_once(cache / "toolboxes", _digest(wanted), lambda folder: _fill(folder, wanted))


def _with_requirements() -> Iterator[Distribution]:
    """Yield the tools and, transitively, what they need on this interpreter."""
    waiting, seen = list(TOOLS), set[str]()
    while waiting:
        name = canonicalize_name(waiting.pop(0))
        if name in seen:
            continue
        seen.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError as error:
            raise Fatal(f"Pawl's installation lacks {name}; reinstall it") from error
        yield found
        needed = (Requirement(each) for each in found.requires or ())
        waiting += [each.name for each in needed if each.marker is None or each.marker.evaluate({"extra": ""})]


def _digest(wanted: list[Distribution]) -> str:
    lines = sorted(f"{each.metadata['Name']} {each.version} {each.read_text('RECORD')}" for each in wanted)
    text = "\n".join([sys.implementation.cache_tag, *lines])
    return hashlib.sha256(text.encode()).hexdigest()


def _fill(folder: Path, wanted: list[Distribution]) -> None:
    for each in wanted:
        for file in each.files or ():
            if ".." not in file.parts and file.suffix != ".pth":
                source, target = Path(str(each.locate_file(file))), folder / file
                if source.is_file():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(source, target)
    compileall.compile_dir(os.fspath(folder), quiet=2)
