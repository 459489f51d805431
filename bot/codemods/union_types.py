"""Write unions of types with a bar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.codemod import Codemod, Example, Files, unchanged
from bot.syntax import ruff

_NEW = {"pyproject.toml": '[project]\nrequires-python = ">=3.10"\n'}


def _transform(files: Files, _arguments: Mapping[str, Any]) -> dict[str, str]:
    return ruff.fix(files, ("UP007", "UP045"), "--target-version", ruff.target(files), unsafe=True)


CODEMOD = Codemod(
    name="union-types",
    does="Writes Optional[X] and Union[X, Y] as X | None and X | Y where every supported Python reads that.",
    transform=_transform,
    examples=(
        Example(
            {**_NEW, "a.py": "from typing import Optional\n\ndef f(x: Optional[int]) -> None: ...\n"},
            {**_NEW, "a.py": "from typing import Optional\n\ndef f(x: int | None) -> None: ...\n"},
        ),
        *unchanged("from typing import Optional\n\nX = Optional[int]\n"),
    ),
    phrases=(r"\b(?:replace|convert|rewrite)\s+(?:\S+\s+){0,2}?`?(?:typing\.)?(?:Optional|Union)\b", r"\|\s*None\b"),
)
