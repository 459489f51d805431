"""Write what newer Pythons offer shorter words for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.codemod import Codemod, Example, Files, example, unchanged
from bot.syntax import ruff

_LEFT = "UP009"
"""Removing a coding comment is no business of this codemod: no comment is ever lost."""


def _transform(files: Files, _arguments: Mapping[str, Any]) -> dict[str, str]:
    options = ("--target-version", ruff.target(files), "--ignore", _LEFT, "--line-length", str(ruff.width(files)))
    return ruff.fix(files, ("UP",), *options)


CODEMOD = Codemod(
    name="modernise",
    does="Writes outdated Python in the words of the oldest version that the project supports.",
    transform=_transform,
    examples=(
        example("class A(object):\n    pass\n", "class A:\n    pass\n"),
        example("import io\n\nf = io.open('x')\n", "import io\n\nf = open('x')\n"),
        Example(
            {"setup.cfg": "python_requires = >=3.10\n", "a.py": "import typing\n\ny: typing.List[int] = []\n"},
            {"setup.cfg": "python_requires = >=3.10\n", "a.py": "import typing\n\ny: list[int] = []\n"},
        ),
        *unchanged("class A:\n    pass  # object\n"),
    ),
    phrases=(r"\bmoderni[sz]e\b", r"\b(?:use|write|adopt)\s+(?:more\s+)?modern\s+(?:python|syntax|idioms?)\b", r"\bpyupgrade\b"),
)
