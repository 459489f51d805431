"""Ruff's own fixes, as a pure function over texts.

Ruff runs isolated from every configuration (the target's included) on copies in a directory of their own. It reads
Python and never executes it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from bot.errors import Fatal
from bot.syntax.concrete import keeps
from bot.syntax.tree import parse

_SECONDS = 60
_OLDEST = "py39"
_KNOWN = ("py39", "py310", "py311", "py312", "py313", "py314")
_REQUIRES = re.compile(r"""^\s*(?:requires-python|python_requires)\s*=\s*["']?\s*(?:>=|~=|\^|==)\s*3\.(\d{1,2})""", re.MULTILINE)
_TARGET = re.compile(r"""^\s*target-version\s*=\s*["'](py3\d{1,2})["']""", re.MULTILINE)
_WIDTH = re.compile(r"^\s*(?:line-length|line_length|max-line-length)\s*=\s*(\d{2,3})\s*$", re.MULTILINE)
_SETTINGS = ("pyproject.toml", "setup.cfg")


def fix(files: Mapping[str, str], rules: Sequence[str], *options: str, unsafe: bool = False) -> dict[str, str]:
    """Return the Python files that ruff's fixes for ``rules`` change, each still parsing and with all its comments.

    Raises:
        Fatal: ruff is missing, or did not answer.
    """
    wanted = {path: text for path, text in files.items() if _is_ours(path) and parse(text) is not None}
    if not wanted:
        return {}
    with tempfile.TemporaryDirectory(prefix="pawl-ruff-") as folder:
        root = Path(folder)
        for path, text in wanted.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text.encode())
        _run(root, rules, options, unsafe=unsafe)
        after = {path: (root / path).read_bytes().decode() for path in wanted}
    return {path: text for path, text in after.items() if text != wanted[path] and keeps(wanted[path], text)}


def _is_ours(path: str) -> bool:
    """Return whether a path is Python and stays below the directory that the copies lie in."""
    pure = PurePosixPath(path)
    return pure.suffix in {".py", ".pyi"} and not pure.is_absolute() and ".." not in pure.parts and "\0" not in path


def _run(root: Path, rules: Sequence[str], options: Sequence[str], *, unsafe: bool) -> None:
    command = [
        *(sys.executable, "-I", "-m", "ruff", "check", "--isolated", "--no-cache", "--quiet", "--fix-only", "--exit-zero"),
        *("--select", ",".join(rules), "--config", "exclude = []", "--no-respect-gitignore"),
        *(("--unsafe-fixes",) if unsafe else ("--no-unsafe-fixes",)),
        *options,
        str(root),
    ]
    try:
        done = subprocess.run(
            command, cwd=root, env={"PATH": "/usr/bin:/bin"}, capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        msg = f"ruff did not answer: {type(error).__name__}; try again, or reinstall Pawl's requirements"
        raise Fatal(msg) from error
    if done.returncode:
        msg = f"ruff ended with code {done.returncode}: {done.stderr.decode(errors='replace').strip()[-300:]}"
        raise Fatal(msg)


def target(files: Mapping[str, str]) -> str:
    """Return ruff's name of the oldest Python the project says it runs on; ``py39`` where it does not say."""
    for name in (*_SETTINGS, "setup.py"):
        text = files.get(name, "")
        requires, names = _REQUIRES.search(text), _TARGET.search(text)
        found = f"py3{requires[1]}" if requires else names[1] if names else ""
        if found:
            return found if found in _KNOWN else _OLDEST
    return _OLDEST


def width(files: Mapping[str, str]) -> int:
    """Return the line length that the project's tools are set to; 88, ruff's own, where nothing is."""
    found = next((match for name in _SETTINGS if (match := _WIDTH.search(files.get(name, "")))), None)
    return min(max(int(found[1]), 40), 320) if found else 88
