"""Drop an ``else`` behind a branch that never comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.codemod import Codemod, Files, example, unchanged
from bot.syntax import ruff


def _transform(files: Files, _arguments: Mapping[str, Any]) -> dict[str, str]:
    return ruff.fix(files, ("RET505", "RET506", "RET507", "RET508"), unsafe=True)


CODEMOD = Codemod(
    name="unnecessary-else",
    does="Removes an else behind a branch that ends in return, raise, continue or break.",
    transform=_transform,
    examples=(
        example(
            "def f(x):\n    if x:\n        return 1\n    else:\n        # zero\n        return 2\n",
            "def f(x):\n    if x:\n        return 1\n    # zero\n    return 2\n",
        ),
        *unchanged("def f(x):\n    if x:\n        y = 1\n    else:\n        y = 2\n    return y\n"),
    ),
    phrases=(
        r"\b(?:remove|drop|delete)\s+(?:the\s+|all\s+)?(?:unnecessary|needless|superfluous|redundant|useless)\s+elses?\b",
        r"\belse\s+after\s+return\b",
    ),
)
