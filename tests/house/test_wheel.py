"""The wheel: whoever installs Pawl by pip has its policies, workflow, manifest, pages, requirements, and hands on the same."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

from bot.examination.wheel import REQUIREMENTS, wheel_of

ROOT = Path(__file__).parents[2]
SHIPPED = {"policies": "*.rego", "workflows": "*.yml"}


def test_everything_that_runs_is_in_the_wheel(tmp_path: Path) -> None:
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], check=True, capture_output=True, text=True).stdout
    source = tmp_path / "source"
    for name in filter(None, listed.split("\0")):
        if name.startswith(("bot/", "policies/", "workflows/", ".requirements/")) or "/" not in name:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name, follow_symlinks=False)
    build = ["-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(tmp_path), str(source)]
    subprocess.run([sys.executable, *build], check=True, capture_output=True, text=True)
    [wheel] = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {f"bot/{folder}/{file.name}" for folder, kind in SHIPPED.items() for file in (ROOT / folder).glob(kind)}
    kinds = ("*.py", "*.sql", "*.jinja", "*.css")
    wanted |= {str(file.relative_to(ROOT)) for kind in kinds for file in (ROOT / "bot").rglob(kind)}
    assert not (wanted | {"bot/app.yml", REQUIREMENTS}) - held
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    with zipfile.ZipFile(BytesIO(wheel_of(tmp_path / "site/bot").content)) as judge:
        assert {each for each in judge.namelist() if each.startswith("bot/")} == {
            each for each in held if each.startswith("bot/")
        }
