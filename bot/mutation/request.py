"""``pawl mutate``: which lines were asked for, and the answer as JSON. The call between them is the lab's ``kill_matrix``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from bot.change.change import Change, FileStatus
from bot.errors import InputError
from bot.mutation.matrix import read_source
from bot.mutation.mutation import KillMatrix

_PLACE = re.compile(r"(?P<path>.+?)(?::(?P<first>\d+)(?:-(?P<last>\d+))?)?")


def lines_of_change(change: Change, is_source: Callable[[str], bool]) -> dict[str, frozenset[int]]:
    """Return the lines that a change added to or rewrote in source files: path -> numbers."""
    touched = (each for each in change.files if each.status is not FileStatus.DELETED and not each.binary)
    return {each.path: each.added_lines for each in touched if is_source(each.path) and each.added_lines}


def lines_of_place(root: Path, place: str) -> dict[str, frozenset[int]]:
    """Return the lines that ``FILE``, ``FILE:LINE`` or ``FILE:FIRST-LAST`` names.

    Raises:
        InputError: there is no such file in the repository, it is not text, or it has no such lines.
    """
    found = _PLACE.fullmatch(place)
    path = PurePosixPath(found["path"] if found else place)
    if found is None or path.is_absolute() or ".." in path.parts:
        msg = f"{place!r} names no file of the repository: write a path from its root, such as src/app.py:10-20"
        raise InputError(msg)
    source = read_source(root, str(path))
    if source is None:
        msg = f"{path} is not a text file of the repository{_nearest(root, str(path))}"
        raise InputError(msg)
    count = source.count("\n") + 1
    first = int(found["first"] or 1)
    last = int(found["last"] or found["first"] or count)
    if not 1 <= first <= last <= count:
        msg = f"{path} has lines 1 to {count}, so {first}-{last} cannot be mutated: give a range inside them"
        raise InputError(msg)
    return {str(path): frozenset(range(first, last + 1))}


def _nearest(root: Path, path: str) -> str:
    known = [str(each.relative_to(root)) for each in root.rglob("*.py") if each.is_file()]
    near = difflib.get_close_matches(path, known, 1, 0.4)
    return f": did you mean {near[0]}?" if near else ": give a path from its root"


def to_json(matrix: KillMatrix) -> dict[str, Any]:
    """Return the matrix as ``pawl mutate --json`` prints it."""
    return {
        "mutants": [
            {
                "id": each.mutant.id,
                "path": each.mutant.path,
                "line": each.mutant.line,
                "operator": each.mutant.operator,
                "diff": each.mutant.diff,
                "status": str(each.status),
                "killed_by": list(each.killed_by),
            }
            for each in matrix.mutants
        ],
        "kill_rate": matrix.kill_rate,
        "tests": [{"id": test, "kills": kills} for test, kills in _kills(matrix).items()],
        "seconds": round(matrix.seconds, 3),
        "why_not": matrix.why_not,
    }


def _kills(matrix: KillMatrix) -> Mapping[str, int]:
    return {test: matrix.kills(test) for test in matrix.tests}
