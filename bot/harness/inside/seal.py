"""Noticing that tests, or what configures them, were changed on disk while they ran."""

from __future__ import annotations

import os
from collections.abc import Collection

from . import lines

_SETTINGS = frozenset({"pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "pyproject.toml", "tox.ini", "setup.cfg"})
_SKIPPED = frozenset({".git", "__pycache__", "node_modules", ".tox", ".venv"})


def seal(root: str, product: Collection[str] = ()) -> dict[str, tuple[int, ...]]:
    """Return what identifies each test, helper, ``conftest.py`` and setting of pytest; the change time cannot be forged.

    ``product`` are files that look like tests and are none.
    """
    found: dict[str, tuple[int, ...]] = {}
    for folder, folders, names in os.walk(root):
        folders[:] = [each for each in folders if each not in _SKIPPED]
        for name in names:
            path = os.path.join(folder, name)  # noqa: PTH118 - one call for each file of a project
            relative = path[len(root) + 1 :]
            if name in _SETTINGS or (name.endswith(".py") and lines.is_test(relative) and relative not in product):
                status = os.lstat(path)
                found[relative] = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return found


def broken(before: dict[str, tuple[int, ...]], root: str, product: Collection[str] = ()) -> list[str]:
    """Return the paths that were changed or taken away since, and every new ``conftest.py`` or setting."""
    now = seal(root, product)
    changed = [path for path, marks in before.items() if now.get(path) != marks]
    new = [path for path in now if path not in before and os.path.basename(path) in {*_SETTINGS, "conftest.py"}]  # noqa: PTH119
    return sorted([*changed, *new])
