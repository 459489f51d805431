"""A sandboxed command in the foreground: ``pawl sandbox``."""

from __future__ import annotations

import os
import re
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from bot.errors import NoIsolation
from bot.sandbox.launcher import SetupFailed, Sink
from bot.sandbox.probe import find_isolation
from bot.sandbox.sandbox import Ended, Launch

_CHUNK = 1 << 16
_CONTROLS = bytes(code for code in (*range(0x20), 0x7F) if code not in b"\t\n\r")
_HARMLESS = bytes.maketrans(_CONTROLS, b"?" * len(_CONTROLS))
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_WORKFLOW_COMMAND = re.compile(rb"(?m)^([ \t]*)(::|##\[)")
_MAY_BE_COMMAND = re.compile(rb"(?:^|\n)([ \t]*[:#]{0,2})\Z")
_BEGUN = b"\0"
"""Stands for the part of a line that was shown before."""


class Cleaner:
    """Takes from a stream what a terminal or a CI log would obey: escape sequences and workflow commands.

    Bytes that may be the start of such a command are held back until what follows them is known.
    """

    def __init__(self) -> None:
        """Start at the beginning of a line."""
        self._held = b""
        self._line_begun = False

    def clean(self, data: bytes, *, last: bool = False) -> bytes:
        """Return what of the stream can be shown now."""
        data = (self._held + data).translate(_HARMLESS)
        keep = len(data) if last else self._sure(data)
        data, self._held = _C1.sub(b"?", data[:keep]), data[keep:]
        if not data:
            return b""
        lead = _BEGUN if self._line_begun else b""
        self._line_begun = not data.endswith(b"\n")
        return _WORKFLOW_COMMAND.sub(rb"\1 \2", lead + data).removeprefix(lead)

    def _sure(self, data: bytes) -> int:
        """Return how many bytes from the start cannot be changed by what follows."""
        lead = _BEGUN if self._line_begun else b""
        unsure = _MAY_BE_COMMAND.search(lead + data)
        if unsure:
            return unsure.start(1) - len(lead)
        return len(data) - data.endswith(b"\xc2")


def run_command(launch: Launch, *, clean: bool | None = None, stdin: int | None = 0) -> int:
    """Run a person's command in the sandbox, its output streamed to theirs, and return the exit code.

    Args:
        launch: what to run; relative paths count from the working directory.
        clean: whether output is stripped of what a terminal or CI log would obey; None does so for a terminal.
        stdin: the descriptor to feed the command from; None gives it nothing.

    Returns:
        The command's own code; 124 out of time, 137 out of memory or killed, 125 where nothing was run.

    Raises:
        InputError: a path cannot be shown.
    """
    launch = replace(
        launch,
        workspace=_plain(launch.workspace),
        read=tuple(map(_plain, launch.read)),
        write=tuple(map(_plain, launch.write)),
    )
    streams = {1: sys.stdout.buffer, 2: sys.stderr.buffer}
    cleaners = {number: Cleaner() for number, stream in streams.items() if (stream.isatty() if clean is None else clean)}
    try:
        sandbox = find_isolation()
        end = sandbox.stream(launch, _feed(stdin), _sink(streams, cleaners))
    except (NoIsolation, SetupFailed) as error:
        sys.stderr.write(f"{error}\n")
        return NoIsolation.exit_code
    for number, cleaner in cleaners.items():
        _write(streams[number], cleaner.clean(b"", last=True))
    if end.ended is not Ended.EXITED:
        sys.stderr.write(f"pawl sandbox: ended by the sandbox: {end.ended.value}\n")
    return end.code


def _plain(path: Path) -> Path:
    """Return the path from the root on, without ``..``; links stay, so that the command sees the path it was given."""
    return Path(os.path.normpath(path.absolute()))


def _sink(streams: dict[int, BinaryIO], cleaners: dict[int, Cleaner]) -> Sink:
    def show(number: int, data: bytes) -> None:
        _write(streams[number], cleaners[number].clean(data) if number in cleaners else data)

    return show


def _write(stream: BinaryIO, data: bytes) -> None:
    if data:
        stream.write(data)
        stream.flush()


def _feed(source: int | None) -> int:
    """Return a pipe that a thread fills from ``source``.

    The person's own descriptor is never handed over: through it a program could open the file behind it for writing.
    """
    ours, theirs = os.pipe()
    if source is None:
        os.close(theirs)
        return ours

    def fill() -> None:
        with suppress(OSError), os.fdopen(theirs, "wb", buffering=0) as pipe:
            while data := os.read(source, _CHUNK):
                pipe.write(data)

    threading.Thread(target=fill, name="sandbox-stdin", daemon=True).start()
    return ours
