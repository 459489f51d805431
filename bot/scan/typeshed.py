"""What mypy knows of the standard library, worked out once for each installation: reading it takes most of a small run's time.

The cache lies in Pawl's own virtual environment, which the sandbox shows read-only; each run works on a copy. Only Pawl writes
it, from a file of its own. Where the folder cannot be written (a system-wide or read-only installation) runs are just slower.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

_COMMON: Final = """
abc argparse ast asyncio base64 bisect collections concurrent.futures contextlib copy csv dataclasses datetime decimal enum
fractions functools hashlib heapq http.client inspect io itertools json logging math operator os pathlib pickle random re shutil
sqlite3 statistics string struct subprocess sys tempfile textwrap threading time traceback types typing unittest.mock
urllib.parse urllib.request uuid warnings weakref xml.etree.ElementTree
"""
_MODULES: Final = tuple(_COMMON.split())
_SECONDS: Final = 120.0


@cache
def typeshed_cache(flags: tuple[str, ...]) -> str:
    """Return the folder of a cache made with the same flags; '' where there can be none."""
    if sys.prefix == sys.base_prefix:
        return ""
    digest = hashlib.sha256("\n".join((version("mypy"), sys.version, *flags, *_MODULES)).encode()).hexdigest()[:16]
    home = Path(sys.prefix) / "var" / "pawl" / f"mypy-{digest}"
    try:
        return str(home) if home.is_dir() or _made(home, flags) else ""
    except OSError:
        return ""


def _made(home: Path, flags: tuple[str, ...]) -> bool:
    """Make the cache aside and move it into place, so that nobody ever sees half of one."""
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix="making-") as folder:
        source, made = Path(folder) / "imports.py", Path(folder) / "cache"
        source.write_text("".join(f"import {each}\n" for each in _MODULES), encoding="utf-8")
        command = [sys.executable, "-I", "-m", "mypy", *flags, f"--cache-dir={made}", str(source)]
        try:
            done = subprocess.run(command, cwd=folder, capture_output=True, timeout=_SECONDS, check=False, env={})
        except subprocess.TimeoutExpired:
            return False
        if done.returncode != 0 or not made.is_dir():
            return False
        try:
            made.rename(home)
        except OSError:
            return home.is_dir()
    return True
