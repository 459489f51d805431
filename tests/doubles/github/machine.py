"""Python as the runner stand-in has it: itself, but that virtual environments come filled and nothing is downloaded.

``python -m venv FOLDER`` makes one of two things. Usually a front for the environment that the double runs in, Pawl's checkout
included: ``pip install`` does nothing there, for all is installed, and what is run is run by that environment. That takes no
time, and it is this checkout that judges, whatever wheel was fetched. With ``STAND_IN_INSTALLS=yes`` among the runner's variables
a real environment with every package of that one but Pawl, linked file by file: pip really looks through the locked
requirements, finds them met, and really installs the wheel, by which everything then is judged.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

FRONT = """#!/bin/sh
[ "$1 $2 $3" = "-m pip install" ] && exit 0
exec {python} "$@"
"""
NOT_THERE = ("pawl", "__editable__")
"""How the names begin under which a checkout of Pawl is installed."""


def main(arguments: list[str]) -> None:
    """Do as ``python`` does with these arguments."""
    if arguments[:2] != ["-m", "venv"]:
        os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - this is python, whoever calls it
    folder = Path(arguments[-1])
    if os.environ.get("STAND_IN_INSTALLS") == "yes":
        real(folder)
    else:
        front(folder)


def front(folder: Path) -> None:
    """Make what looks like a virtual environment and leads to this one."""
    own = Path(sys.executable).parent
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/python").write_text(FRONT.format(python=sys.executable), encoding="utf-8")
    (folder / "bin/python").chmod(0o755)
    (folder / "bin/pawl").symlink_to(own / "pawl")


def real(folder: Path) -> None:
    """Make a virtual environment with the packages of this one, but without Pawl."""
    venv.EnvBuilder(symlinks=True, with_pip=False).create(folder)
    own = Path(sys.prefix)
    packages = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    linked(own / packages, folder / packages)
    for program in ("ruff",):
        shutil.copy2(own / "bin" / program, folder / "bin" / program)


def linked(source: Path, target: Path) -> None:
    """Give a folder the files of another, as links to the same bytes where the disk is the same."""
    for each in source.iterdir():
        if not each.name.startswith(NOT_THERE) and each.suffix != ".pth":
            command = ["cp", "--archive", "--link", str(each), str(target)]
            if subprocess.run(command, check=False, capture_output=True).returncode:
                subprocess.run([*command[:2], *command[3:]], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
