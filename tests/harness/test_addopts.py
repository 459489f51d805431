from __future__ import annotations

from pathlib import Path

import pytest

from bot.harness.addopts import judges_addopts, keep


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("-ra -q --strict-markers", "--strict-markers"),
        ("--cov=pkg --cov-report term --cov-report=xml --doctest-modules", "--doctest-modules"),
        ("-n auto --dist loadfile -p my.plugin", "-p my.plugin"),
        ("-n4 -x -vv --maxfail=1 --tb short --import-mode=importlib", "--import-mode=importlib"),
        ("-m 'not slow' -k fast --ignore=docs tests", "-m 'not slow' -k fast --ignore=docs tests"),
        ("--strict-config --benchmark-disable --randomly-seed=1 --durations 10", ""),
        ("-W error::DeprecationWarning --asyncio-mode=auto", "-W error::DeprecationWarning --asyncio-mode=auto"),
    ],
)
def test_only_what_changes_the_tests_themselves_stays(tmp_path: Path, given: str, kept: str) -> None:
    (tmp_path / "pytest.ini").write_text(f"[pytest]\naddopts = {given}\n", encoding="utf-8")
    assert judges_addopts(tmp_path) == kept


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pytest.ini", "[pytest]\naddopts =\n    --doctest-modules\n    -q\n"),
        ("tox.ini", "[tox]\n[pytest]\naddopts = --doctest-modules\n"),
        ("setup.cfg", "[metadata]\n[tool:pytest]\naddopts = --doctest-modules\n"),
        ("pyproject.toml", '[tool.pytest.ini_options]\naddopts = "-ra --doctest-modules"\n'),
        ("pyproject.toml", '[tool.pytest.ini_options]\naddopts = ["-ra", "--doctest-modules"]\n'),
        ("pytest.toml", '[pytest]\naddopts = ["--doctest-modules"]\n'),
    ],
)
def test_every_place_pytest_reads_is_read(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert judges_addopts(tmp_path) == "--doctest-modules"


def test_the_first_place_wins_and_files_without_a_section_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    (tmp_path / "tox.ini").write_text("[tox]\n", encoding="utf-8")
    (tmp_path / "setup.cfg").write_text("[tool:pytest]\naddopts = --doctest-modules\n", encoding="utf-8")
    assert judges_addopts(tmp_path) == "--doctest-modules"
    (tmp_path / ".pytest.ini").write_text("", encoding="utf-8")
    assert judges_addopts(tmp_path) == ""


@pytest.mark.parametrize("text", ["[tool.pytest", "[tool]\npytest = 3\n", "[tool.pytest]\nini_options = 3\n", "\xff"])
def test_a_file_that_cannot_be_read_gives_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_bytes(text.encode("latin-1"))
    assert judges_addopts(tmp_path) == ""


def test_quotes_that_do_not_close_give_nothing(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = 'open\n", encoding="utf-8")
    assert judges_addopts(tmp_path) == ""


def test_no_settings_give_nothing(tmp_path: Path) -> None:
    assert judges_addopts(tmp_path) == ""
    assert keep([]) == []
