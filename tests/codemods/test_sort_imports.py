from __future__ import annotations

from collections.abc import Callable

from bot.codemod import Codemod
from bot.codemods.sort_imports import CODEMOD


def test_its_examples(shows: Callable[[Codemod], None]) -> None:
    shows(CODEMOD)


def test_the_projects_line_length_and_own_packages_are_respected() -> None:
    files = {
        "pyproject.toml": "[tool.ruff]\nline-length = 40\n",
        "src/mine/__init__.py": "",
        "src/mine/a.py": "import mine\nimport zlib\nimport requests\nfrom os import access, chdir, chmod, chown\n",
    }
    after = CODEMOD.transform(files, {})["src/mine/a.py"]
    assert after.split("\n\n")[-1].strip() == "import mine"
    assert max(map(len, after.splitlines())) <= 40
