"""What a sandbox takes and gives back, whichever layer does the isolating.

A :class:`Launch` is a command over a throw-away copy of a workspace. The host never sees what is done to that copy; results
come back through the process's pipes, never from a file that the command may write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Protocol, Self


class Layer(StrEnum):
    """What isolates; ``restricted`` has no loopback and no multiprocessing semaphores."""

    BUBBLEWRAP = "bubblewrap"
    BUBBLEWRAP_DROPPED = "bubblewrap-dropped"
    """Started by root after a real change to an unused uid."""
    RESTRICTED = "landlock-restricted"


class Ended(StrEnum):
    """How a sandboxed command came to its end."""

    EXITED = "exited"
    TIMED_OUT = "timed out"
    OUT_OF_MEMORY = "out of memory"
    OUTPUT_LIMIT = "too much output"
    KILLED = "killed"


@dataclass(frozen=True)
class Limits:
    """Bounds of one launch; sizes in MiB over the whole process tree, time in seconds of wall clock."""

    seconds: float = 60.0
    memory: int = 2048
    disk: int = 512
    processes: int = 128
    output: int = 16


@dataclass(frozen=True)
class Launch:
    """A command to run in isolation."""

    command: tuple[str, ...]
    workspace: Path
    """Appears at its own path as a writable throw-away copy, and is the working directory."""
    read: tuple[Path, ...] = ()
    """Further files and directories shown read-only at their own paths."""
    write: tuple[Path, ...] = ()
    """Directories in which changes go through to the host; only a person's own command asks for this."""
    env: Mapping[str, str] = field(default_factory=dict)
    """The whole environment of the command besides the sandbox's fixed PATH, HOME and LANG."""
    stdin: bytes = b""
    limits: Limits = Limits()


@dataclass(frozen=True)
class Completed:
    """What came of a launch."""

    code: int
    """The command's own code; 124 out of time, 137 out of memory or killed."""
    ended: Ended
    stdout: bytes
    stderr: bytes
    seconds: float


class Conversation(Protocol):
    """A sandboxed process that is still running and is spoken to through its pipes.

    Limits hold for it all the same. Use as a context manager: leaving it kills the whole process tree.
    """

    stdin: BinaryIO
    stdout: BinaryIO

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...
    def close(self) -> Completed:
        """Kill what still runs and say how it ended; ``stdout`` is empty there, ``stderr`` has what was written."""
        ...


class Sandbox(Protocol):
    """One isolating layer, ready for use."""

    @property
    def layer(self) -> Layer: ...

    def run(self, launch: Launch) -> Completed:
        """Run to the end."""
        ...

    def converse(self, launch: Launch) -> Conversation:
        """Start and keep the pipes open; ``launch.stdin`` must be empty."""
        ...


@dataclass(frozen=True)
class Environment:
    """What a project's code needs to run: an interpreter and import paths, all read-only in the sandbox."""

    python: Path
    """The interpreter to start (a virtual environment's, or the base one)."""
    read: tuple[Path, ...]
    """Directories the sandbox must show so that ``python`` and its packages work."""
    site: tuple[Path, ...]
    """Directories to append to ``sys.path`` after the project's own (pytest and hypothesis live there)."""
    digest: str
    """Identity by content: same manifests and interpreter, same digest."""
    source: str = ""
    """One phrase on where it came from, for people and the evidence: ``pyproject.toml, 12 packages``."""
