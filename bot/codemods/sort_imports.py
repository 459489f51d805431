"""Put imports in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.codemod import Codemod, Files, example, unchanged
from bot.syntax import ruff


def _transform(files: Files, _arguments: Mapping[str, Any]) -> dict[str, str]:
    return ruff.fix(files, ("I",), "--line-length", str(ruff.width(files)), "--target-version", ruff.target(files))


CODEMOD = Codemod(
    name="sort-imports",
    does="Sorts and groups imports: the standard library, others, the project's own.",
    transform=_transform,
    examples=(
        example("import sys, os\nimport abc\n\nx = 1\n", "import abc\nimport os\nimport sys\n\nx = 1\n"),
        *unchanged("import abc\nimport os  # paths\n\nx = 1\n", "x = 1\n"),
    ),
    phrases=(r"\b(?:sort|order|organi[sz]e|arrange)\s+(?:all\s+|the\s+)?imports\b", r"\bisort\b"),
)
