"""Join an ``if`` whose whole body is another ``if``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.codemod import Codemod, Files, example, unchanged
from bot.syntax import ruff


def _transform(files: Files, _arguments: Mapping[str, Any]) -> dict[str, str]:
    return ruff.fix(files, ("SIM102",), "--line-length", str(ruff.width(files)), unsafe=True)


CODEMOD = Codemod(
    name="collapse-ifs",
    does="Joins nested ifs without an else into one condition.",
    transform=_transform,
    examples=(
        example("if a:\n    if b or c:\n        print(1)\n", "if a and (b or c):\n    print(1)\n"),
        *unchanged(
            "if a:\n    if b:\n        print(1)\n    else:\n        print(2)\n",
            "if a:\n    # only then\n    if b:\n        print(1)\n",
        ),
    ),
    phrases=(r"\b(?:collapse|merge|join|flatten|combine)\s+(?:the\s+|all\s+)?(?:nested\s+)?if(?:s|\s+statements)?\b",),
)
