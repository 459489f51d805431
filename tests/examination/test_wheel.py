"""The judge's wheel: the same bytes from a checkout and from what pip installed of it, and fit to be installed by pip."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from bot.errors import Fatal
from bot.examination.wheel import REQUIREMENTS, own, wheel_of

ROOT = Path(__file__).parents[2]
ASK = "import bot; from bot.examination.wheel import own; print(bot.__file__); print(own().digest)"


def test_what_pip_installed_of_it_makes_the_same_wheel_again(tmp_path: Path) -> None:
    wheel = own()
    (tmp_path / wheel.name).write_bytes(wheel.content)
    install = ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", str(tmp_path / "site")]
    subprocess.run([sys.executable, *install, str(tmp_path / wheel.name)], check=True, capture_output=True)
    asked = subprocess.run([sys.executable, "-c", ASK], cwd=tmp_path / "site", check=True, capture_output=True, text=True)
    place, digest = asked.stdout.split()
    assert Path(place).is_relative_to(tmp_path)
    assert digest == wheel.digest


def test_it_holds_the_requirements_and_what_runs_but_nothing_that_was_made_on_the_way() -> None:
    with zipfile.ZipFile(BytesIO(own().content)) as archive:
        assert archive.testzip() is None
        assert archive.read(REQUIREMENTS) == (ROOT / ".requirements/run.txt").read_bytes()
        held = archive.namelist()
    assert {"bot/workflows/pawl.yml", "bot/app.yml", "bot/examination/wheel.py", "bot/policies/trust.rego"} <= set(held)
    assert not [each for each in held if each.endswith(".pyc") or "/." in each]


def test_another_byte_is_another_wheel_and_the_same_ones_the_same(tmp_path: Path) -> None:
    for name in ("requirements.txt", "__init__.py"):
        (tmp_path / name).write_text("")
    first = wheel_of(tmp_path)
    assert wheel_of(tmp_path) == first
    (tmp_path / ".env").write_text("KEY=1")
    assert wheel_of(tmp_path) == first, "what is hidden is nobody's"
    (tmp_path / "__init__.py").write_text("#")
    assert wheel_of(tmp_path).digest != first.digest


def test_its_sum_is_what_sha256sum_checks(tmp_path: Path) -> None:
    wheel = own()
    (tmp_path / wheel.name).write_bytes(wheel.content)
    check = ["sha256sum", "--check", "--strict", "--quiet"]
    subprocess.run(check, cwd=tmp_path, input=wheel.sum, text=True, check=True)
    (tmp_path / wheel.name).write_bytes(wheel.content + b"x")
    assert subprocess.run(check, cwd=tmp_path, input=wheel.sum, text=True, check=False, capture_output=True).returncode


def test_an_installation_without_its_requirements_is_none(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match="install Pawl again"):
        wheel_of(tmp_path)
