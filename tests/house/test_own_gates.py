"""Pawl's own code stands before Pawl's own gates, by the limits in its own ``.github/pawl.yml``."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
GATES = ("complexity", "secrets")
"""Those that can judge the whole code at once, as if all of it came in today."""


def test_every_function_and_class_is_within_the_limits(tmp_path: Path) -> None:
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z", "bot"], check=True, capture_output=True, text=True).stdout
    base = commit(tmp_path, ".github/pawl.yml")
    head = commit(tmp_path, *filter(None, listed.split("\0")))
    asked = [word for gate in GATES for word in ("--gate", gate)]
    command = [sys.executable, "-m", "bot", "gates", "--repo", str(tmp_path), "--base", base, "--head", head, *asked, "--json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    gates = {each["name"]: each for each in json.loads(done.stdout)["gates"]}
    red = [finding for name in GATES for finding in gates[name]["findings"] if finding["severity"] == "error"]
    assert red == []
    assert {gates[name]["verdict"] for name in GATES} == {"pass"}


def commit(repository: Path, *names: str) -> str:
    """Bring files of Pawl in, and return the commit."""
    for name in names:
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, repository / name, follow_symlinks=False)
    who = ["-c", "user.name=House", "-c", "user.email=house@localhost"]
    for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "files"]):
        subprocess.run(["git", "-C", str(repository), *words], check=True, capture_output=True)
    said = ["git", "-C", str(repository), "rev-parse", "HEAD"]
    return subprocess.run(said, check=True, capture_output=True, text=True).stdout.strip()
