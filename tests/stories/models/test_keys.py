"""No key leaves: code that a model wrote, and the project's own tests, look for keys wherever a process could find them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.models.double import ModelDouble
from tests.stories.models.conftest import GOOD, SetUp, change, proven

KEY = "sk-canary-5up3rs3cr3tv4lue0001"
OTHER = "canary-0th3rs3cr3tv4lue0002"
LOOK = """
    import glob
    import os

    places = [f"{key}={value}" for key, value in os.environ.items()]
    for file in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline") + ["/proc/self/environ"]:
        try:
            with open(file, errors="replace") as opened:
                places += opened.read().split("\\0")
        except OSError:
            continue
    found = " ".join(each[:200] for each in places if "canary-" in each)
"""
LEAK = f'''

def initials(name: str) -> str:
    """Return the initials of a name, each followed by a full stop."""
{LOOK}
    return f"LOOKED AT {{len(places) > 3}} AND FOUND [{{found}}]"
'''
OWN = f'''"""A test of the project that looks around."""


def test_the_environment() -> None:
{LOOK}
    print("LOOKED AT", len(places), "AND FOUND", found)
'''


def traces(home: Path, root: Path) -> Iterator[tuple[str, bytes]]:
    """Yield everything that the run left behind: state, evidence, logs, the database's files and all of git's objects."""
    for folder in (home, root):
        for path, _, names in os.walk(folder):
            for name in names:
                file = Path(path) / name
                if file.is_file() and not file.is_symlink():
                    yield str(file), file.read_bytes()
    objects = ["git", "-C", str(root), "cat-file", "--batch-all-objects", "--batch", "--unordered"]
    yield "git", subprocess.run(objects, check=True, capture_output=True).stdout


def test_no_key_is_to_be_found_by_code_or_left_anywhere(
    scene: SetUp, models: ModelDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "key", KEY)
    there = scene({"tests/test_environment.py": OWN})
    said = there.run(change(LEAK), change(GOOD), PAWL_LOG="debug", AWS_SECRET_ACCESS_KEY=OTHER, PAWL_TOKEN=OTHER)
    reply = proven(said)
    assert {each.key for each in models.requests} == {KEY}
    assert "LOOKED AT True AND FOUND []" in there.asked("change_author")[1].text, "it ran, and what it found would have been told"
    told = {"what models were sent": models.sent, "what Pawl said": said.out + said.err}
    left = [*((where, text.encode()) for where, text in told.items()), *traces(there.pawl.home, there.root)]
    assert [where for where, data in left if KEY.encode() in data or OTHER.encode() in data] == []
    assert any(where.endswith("ledger.jsonl") and b"model.called" in data for where, data in left)
    assert Path(reply["report"]).is_file()
