"""The judge as one wheel: the very Pawl that runs here, for runners to judge by, with the requirements that ride inside it.

It is made of the running package's own files, whether they lie among installed packages, in a checkout or in a container. The
same files give the same bytes everywhere: in order, without times, uncompressed.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from bot import VERSION
from bot.errors import Fatal
from bot.ids import Digest

REQUIREMENTS: Final = "bot/requirements.txt"
"""What the judge needs, every package locked by hash; a file of the wheel."""
_ABOUT: Final = f"pawl-{VERSION}.dist-info"
_BEGINNING: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time that an archive can tell."""
_MODE: Final = 0o100644 << 16


@dataclass(frozen=True)
class Wheel:
    """One wheel, whole."""

    name: str
    content: bytes

    @property
    def digest(self) -> Digest:
        """What it is known by."""
        return Digest(f"sha256:{hashlib.sha256(self.content).hexdigest()}")

    @property
    def sum(self) -> str:
        """Its digest and name as ``sha256sum`` writes and checks them."""
        return f"{self.digest.removeprefix('sha256:')}  {self.name}"


@cache
def own() -> Wheel:
    """Return the wheel of the Pawl that runs; made once, so that it stays what was loaded.

    Raises:
        Fatal: this installation has lost its requirements.
    """
    return wheel_of(Path(str(files("bot"))))


def wheel_of(package: Path) -> Wheel:
    """Return the wheel of the package that lies at ``package``; raises Fatal where it lacks its requirements."""
    held = dict(_held(package))
    if REQUIREMENTS not in held:
        raise Fatal(f"{package} has no {REQUIREMENTS.partition('/')[2]}: install Pawl again")
    held |= _about()
    held[f"{_ABOUT}/RECORD"] = _record(held).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in held.items():
            entry = zipfile.ZipInfo(name, _BEGINNING)
            entry.external_attr = _MODE
            archive.writestr(entry, content)
    return Wheel(f"pawl-{VERSION}-py3-none-any.whl", packed.getvalue())


def _held(package: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the package's files in order, no hidden ones; links are followed, for a checkout keeps some files elsewhere."""
    for folder, inner, names in os.walk(package, followlinks=True):
        inner[:] = sorted(each for each in inner if each != "__pycache__" and not each.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if file.suffix != ".pyc" and not name.startswith("."):
                yield f"bot/{file.relative_to(package).as_posix()}", file.read_bytes()


def _about() -> Mapping[str, bytes]:
    texts = {
        "METADATA": f"Metadata-Version: 2.1\nName: pawl\nVersion: {VERSION}\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: pawl\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "entry_points.txt": "[console_scripts]\npawl = bot.cli:main\n",
    }
    return {f"{_ABOUT}/{name}": text.encode() for name, text in texts.items()}


def _record(held: Mapping[str, bytes]) -> str:
    """Return the list of files with which an installer checks what it unpacks."""
    lines = []
    for name, content in held.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(content)}\n")
    return "".join([*lines, f"{_ABOUT}/RECORD,,\n"])
