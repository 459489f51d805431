"""The double as a person starts it: one command, a small world, addresses that work as they are printed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.doubles.github.client import AppFacts, ask
from tests.doubles.github.fixture import ROOT
from tests.doubles.test_github_core import signed


def test_the_seeded_world_works_as_it_is_printed(tmp_path: Path) -> None:
    socket = tmp_path / "gh.sock"
    command = [sys.executable, "-m", "tests.doubles.github", "--seed", "--data", str(tmp_path / "data"), "--socket", str(socket)]
    with subprocess.Popen(
        [*command, "--hook", "http://127.0.0.1:9/webhook"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            facts = json.loads(process.stdout.readline())
            guide = ""
            while "gh issue comment" not in guide:
                guide += process.stdout.readline()
            _try(facts["url"], facts["api"], guide, tmp_path)
            assert socket.is_socket()
        finally:
            process.terminate()


def _try(url: str, api: str, guide: str, folder: Path) -> None:
    found = {name: re.search(rf"{name}=?\s*(\S+)", guide) for name in ("PAWL_APP_ID", "PAWL_PRIVATE_KEY_FILE", "git clone")}
    words = {name: match[1] for name, match in found.items() if match}
    assert words.keys() == found.keys()
    key = Path(words["PAWL_PRIVATE_KEY_FILE"])
    assert key.stat().st_mode & 0o77 == 0
    app = AppFacts(int(words["PAWL_APP_ID"]), "", "", 0, "", "", "", key.read_text())
    assert ask("GET", f"{api}/app", token=signed(app)).body["name"] == "Pawl"
    assert words["git clone"].endswith(url.replace("http://", "@") + "/mona/shop.git")
    subprocess.run(["git", "clone", "--quiet", words["git clone"], "shop"], cwd=folder, check=True)
    ran = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=folder / "shop", check=False)
    assert ran.returncode == 0
    assert ask("GET", f"{api}/repos/mona/shop/contents/.github/workflows/pawl.yml").body["type"] == "file"
    assert ask("GET", f"{api}/repos/mona/shop/issues/1").body["title"] == "Discounts are wrong"
