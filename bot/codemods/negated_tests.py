"""Say ``not in`` and ``is not``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.codemod import Codemod, Files, example, unchanged
from bot.syntax import ruff


def _transform(files: Files, _arguments: Mapping[str, Any]) -> dict[str, str]:
    return ruff.fix(files, ("E713", "E714"))


CODEMOD = Codemod(
    name="negated-tests",
    does="Writes `not x in y` as `x not in y` and `not x is y` as `x is not y`.",
    transform=_transform,
    examples=(
        example("ok = not a in b\n", "ok = a not in b\n"),
        example("ok = not a is None\n", "ok = a is not None\n"),
        *unchanged("ok = not (a in b in c)\n"),
    ),
    phrases=(r"\buse\s+`?(?:not\s+in|is\s+not)`?(?:\s|$)",),
)
