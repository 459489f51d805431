"""Build lists, sets and dictionaries directly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.codemod import Codemod, Files, example, unchanged
from bot.syntax import ruff

_RULES = ("C400", "C401", "C402", "C403", "C404", "C405", "C409", "C410", "C411", "C418")
"""Those that build the same value from the same steps in the same order; C416 and C417 change when things are evaluated."""


def _transform(files: Files, _arguments: Mapping[str, Any]) -> dict[str, str]:
    return ruff.fix(files, _RULES, "--target-version", ruff.target(files), unsafe=True)


CODEMOD = Codemod(
    name="comprehensions",
    does="Writes list(), set() and dict() around generators and literals as comprehensions and literals.",
    transform=_transform,
    examples=(
        example("x = list(y + 1 for y in z)\n", "x = [y + 1 for y in z]\n"),
        example("x = dict([(k, v + 1) for k, v in z])\n", "x = {k: v + 1 for k, v in z}\n"),
        example("x = set([1, 2])\n", "x = {1, 2}\n"),
        *unchanged("def list(x): return x\nx = list(y + 1 for y in z)\n", "x = list(map(f, z))\n"),
    ),
    phrases=(r"\buse\s+(?:(?:list|set|dict|dictionary)\s+)?comprehensions?\b", r"\b(?:to|into)\s+(?:\w+\s+)?comprehensions?\b"),
)
