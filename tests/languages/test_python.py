from __future__ import annotations

from pathlib import Path

import pytest

from bot import languages
from bot.language import Language
from bot.languages.python import PYTHON
from bot.registry import plugins

KINDS = {
    "source": PYTHON.is_source,
    "test": PYTHON.is_test,
    "manifest": PYTHON.is_manifest,
    "setting": PYTHON.is_test_setting,
}


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("app.py", "source"),
        ("src/pkg/core.pyi", "source"),
        ("pkg/attestation.py", "source"),
        ("pkg/latest.py", "source"),
        ("pkg/contest_data.py", "source"),
        ("pkg/testing/tools.py", "source"),
        ("test_app.py", "test"),
        ("pkg/app_test.py", "test"),
        ("tests/helpers/data.py", "test"),
        ("pkg/test/thing.py", "test"),
        ("django_app/tests.py", "test"),
        ("tests/conftest.py", "setting"),
        ("conftest.py", "setting"),
        ("pytest.ini", "setting"),
        ("tox.ini", "setting"),
        (".coveragerc", "setting"),
        ("sitecustomize.py", "setting"),
        ("lib/evil.pth", "setting"),
        ("noxfile.py", "setting"),
        ("setup.cfg", "manifest setting"),
        ("pyproject.toml", "manifest setting"),
        ("setup.py", "manifest setting"),
        ("requirements.txt", "manifest"),
        ("requirements-dev.txt", "manifest"),
        ("test-requirements.txt", "manifest"),
        ("requirements/base.in", "manifest"),
        ("requirements/notes.md", ""),
        ("Pipfile.lock", "manifest"),
        ("poetry.lock", "manifest"),
        ("uv.lock", "manifest"),
        ("environment.yml", "manifest"),
        ("README.md", ""),
        ("tests/data.json", ""),
        ("script.sh", ""),
    ],
)
def test_what_a_file_is(path: str, kinds: str) -> None:
    assert {name for name, asks in KINDS.items() if asks(path)} == set(kinds.split())


@pytest.mark.parametrize("name", ["pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "deep/er/code.py"])
def test_a_python_project_is_detected(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("")
    assert PYTHON.detects(tmp_path)


def test_other_projects_are_not(tmp_path: Path) -> None:
    assert not PYTHON.detects(tmp_path)
    (tmp_path / "index.js").write_text("")
    (tmp_path / "node_modules" / "gyp").mkdir(parents=True)
    (tmp_path / "node_modules" / "gyp" / "gyp.py").write_text("")
    assert not PYTHON.detects(tmp_path)


def test_it_registers_itself() -> None:
    assert plugins(languages, Language)["python"] is PYTHON
