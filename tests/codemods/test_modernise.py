from __future__ import annotations

from collections.abc import Callable

from bot.codemod import Codemod
from bot.codemods.modernise import CODEMOD


def test_its_examples(shows: Callable[[Codemod], None]) -> None:
    shows(CODEMOD)


def test_the_oldest_supported_python_decides() -> None:
    code = "import typing\n\nx: typing.Optional[int] = None\n"
    new = CODEMOD.transform({"a.py": code, "pyproject.toml": '[project]\nrequires-python = ">=3.12"\n'}, {})
    assert "int | None" in new["a.py"]
    old = CODEMOD.transform({"a.py": code, "pyproject.toml": '[project]\nrequires-python = ">=3.8"\n'}, {})
    assert "int | None" not in old.get("a.py", "")
