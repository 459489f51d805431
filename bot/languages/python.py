"""Python: which files are code, tests, manifests, and settings that could switch tests off."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from bot.change.area import is_lock, is_manifest
from bot.change.testing import is_test
from bot.language import Language

_CODE = (".py", ".pyi", ".pyx", ".pxd")
_TEST_SETTINGS = (
    *(
        "conftest.py",
        "pytest.ini",
        ".pytest.ini",
        "pytest.toml",
        ".pytest.toml",
        "tox.ini",
        "tox.toml",
        "setup.cfg",
        "pyproject.toml",
    ),
    *(".coveragerc", ".coveragerc.toml", "noxfile.py", "sitecustomize.py", "usercustomize.py", "*.pth", "setup.py"),
)
_NOT_LOOKED_IN = frozenset(
    {".git", ".hg", ".tox", ".nox", ".venv", "venv", "env", "node_modules", "__pycache__", "build", "dist"}
)


def _matches(path: str, patterns: Iterable[str]) -> bool:
    name = PurePosixPath(path).name
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _is_test(path: str) -> bool:
    place = PurePosixPath(path)
    if place.suffix not in _CODE or _matches(path, ("conftest.py",)):
        return False
    return is_test(path)


def _is_test_setting(path: str) -> bool:
    return _matches(path, _TEST_SETTINGS)


def _is_manifest(path: str) -> bool:
    return is_manifest(path) or is_lock(path) or PurePosixPath(path).name == ".python-version"


def _is_source(path: str) -> bool:
    if PurePosixPath(path).suffix not in _CODE:
        return False
    return not (_is_test(path) or _is_test_setting(path) or _is_manifest(path))


def _detects(root: Path) -> bool:
    """Whether the tree has a manifest of Python's at its top, or any Python file."""
    if any((root / name).is_file() for name in ("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt")):
        return True
    for _, folders, files in os.walk(root):
        if any(name.endswith(".py") for name in files):
            return True
        folders[:] = [each for each in folders if each not in _NOT_LOOKED_IN]
    return False


PYTHON = Language(
    name="python",
    detects=_detects,
    is_source=_is_source,
    is_test=_is_test,
    is_manifest=_is_manifest,
    is_test_setting=_is_test_setting,
)
