"""Compare with literals by value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.codemod import Codemod, Files, example, unchanged
from bot.syntax import ruff


def _transform(files: Files, _arguments: Mapping[str, Any]) -> dict[str, str]:
    return ruff.fix(files, ("F632",))


CODEMOD = Codemod(
    name="identity-literals",
    does="Compares with strings, numbers and other literals by == instead of by identity.",
    transform=_transform,
    examples=(
        example('if x is "a":\n    pass\n', 'if x == "a":\n    pass\n'),
        example("y = x is not 5\n", "y = x != 5\n"),
        *unchanged("y = x is None\n", "y = x is y\n"),
    ),
    phrases=(r"\b(?:identity|is)\s+(?:comparisons?\s+)?with\s+(?:a\s+)?literals?\b",),
    keeps_behaviour=False,
    repairs=True,
)
