from __future__ import annotations

import subprocess
from typing import Any

import pytest

from bot.errors import Fatal
from bot.syntax import ruff


def test_no_configuration_of_the_target_is_read() -> None:
    files = {
        "pyproject.toml": "[tool.ruff]\nexclude = ['*.py']\n",
        "ruff.toml": "broken =",
        "build/a.py": "ok = not x in y\n",
        ".gitignore": "*",
    }
    assert ruff.fix(files, ("E713",)) == {"build/a.py": "ok = x not in y\n"}


def test_nothing_to_do_starts_nothing() -> None:
    assert ruff.fix({"a.txt": "x", "b.py": "def ("}, ("E713",)) == {}


def test_a_fix_that_would_lose_a_comment_is_dropped() -> None:
    assert ruff.fix({"a.py": "# -*- coding: utf-8 -*-\nx = 1\n"}, ("UP009",)) == {}


def test_a_ruff_that_does_not_answer_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Fatal, match="ended with code 2"):
        ruff.fix({"a.py": "x\n"}, ("NO-SUCH-RULE",))

    def hang(*_arguments: Any, **_options: Any) -> None:
        raise subprocess.TimeoutExpired("ruff", 1)

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(Fatal, match="did not answer"):
        ruff.fix({"a.py": "x\n"}, ("E713",))


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({}, "py39"),
        ({"pyproject.toml": '[project]\nrequires-python = ">=3.11,<4"\n'}, "py311"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.10"\n'}, "py39"),
        ({"pyproject.toml": '[tool.black]\ntarget-version = "py312"\n'}, "py312"),
        ({"setup.cfg": "[options]\npython_requires = >=3.10\n"}, "py310"),
        ({"setup.py": 'setup(\n    python_requires=">=3.12",\n)\n'}, "py312"),
        ({"pyproject.toml": 'requires-python = ">=3.6"\n'}, "py39"),
    ],
)
def test_the_oldest_supported_python_is_read_from_the_manifest(files: dict[str, str], name: str) -> None:
    assert ruff.target(files) == name


def test_the_line_length_is_the_projects() -> None:
    assert ruff.width({}) == 88
    assert ruff.width({"pyproject.toml": "[tool.black]\nline-length = 100\n"}) == 100
    assert ruff.width({"setup.cfg": "[flake8]\nmax-line-length = 20\n"}) == 40
