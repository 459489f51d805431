"""Asks one of Pawl's own tools about files of a tree, in the sandbox.

The tools read code and never run it, so where no sandbox is to be had (the safe mode of the specification) they run without
one. ``python -I`` keeps the tree's own ``json.py`` or ``mypy.py`` from being imported in the tool's place.
"""

from __future__ import annotations

import posixpath
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from bot.errors import Fault, NoIsolation
from bot.lab import Lab
from bot.sandbox.sandbox import Completed, Ended, Limits

LIMITS = Limits(seconds=120.0, memory=2048)
_MOST_FILES = 500
_SHOWN = 300


class ToolFailed(Fault):
    """A tool gave no answer that could be trusted: no verdict may be drawn."""


def ask(lab: Lab, root: Path, module: str, arguments: Iterable[str]) -> Completed:
    """Run ``python -I -m MODULE ARGUMENTS`` over the tree and return how it ended.

    Raises:
        ToolFailed: it ran out of time, memory or output.
    """
    return _run(lab, root, ("python", "-I", "-m", module, *arguments))


def ask_script(lab: Lab, root: Path, script: str, arguments: Iterable[str]) -> Completed:
    """Run a short script of ours over the tree; raises as :func:`ask` does."""
    return _run(lab, root, ("python", "-I", "-c", script, *arguments))


def _run(lab: Lab, root: Path, command: tuple[str, ...]) -> Completed:
    try:
        done = lab.tool(root, command, LIMITS)
    except NoIsolation:
        done = _plainly(root, command)
    if done.ended is not Ended.EXITED:
        raise ToolFailed(f"{_tool(command)} did not come to its end ({done.ended.value}); try again or make the change smaller")
    return done


def _plainly(root: Path, command: tuple[str, ...]) -> Completed:
    """Run without a sandbox, for the safe mode."""
    arguments = [sys.executable, *command[1:]]
    try:
        done = subprocess.run(
            arguments, cwd=root, capture_output=True, timeout=LIMITS.seconds, check=False, env={"LANG": "C.UTF-8"}
        )
    except subprocess.TimeoutExpired:
        return Completed(124, Ended.TIMED_OUT, b"", b"", LIMITS.seconds)
    return Completed(done.returncode, Ended.EXITED, done.stdout, done.stderr, 0.0)


def broken(command: str, done: Completed) -> ToolFailed:
    """Return the error for an answer that cannot be read, with the tool's last words."""
    words = " ".join((done.stderr or done.stdout).decode("utf-8", "replace").split())[-_SHOWN:]
    return ToolFailed(f"{command} ended with code {done.code} and no readable answer: {words or 'it said nothing'}")


def shielded(paths: Iterable[str]) -> list[str]:
    """Return paths that no tool can take for an option."""
    return [f"./{path}" for path in paths]


def batches(paths: Iterable[str]) -> list[list[str]]:
    """Cut a long list of paths into command lines that fit."""
    everything = list(paths)
    return [everything[at : at + _MOST_FILES] for at in range(0, len(everything), _MOST_FILES)]


def relative(named: str, root: Path) -> str:
    """Return a path as the tool named it, relative to the tree."""
    prefix = f"{root}/"
    return posixpath.normpath(named.removeprefix(prefix))


def _tool(command: tuple[str, ...]) -> str:
    return command[3] if command[2] == "-m" else "a tool"
