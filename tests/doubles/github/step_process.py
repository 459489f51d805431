"""One script of one step: the shell it runs in, the files it may write to, and its end when the run is cancelled."""

from __future__ import annotations

import asyncio
import os
import secrets
import shlex
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SHELLS = {
    None: "bash -e {0}",
    "bash": "bash --noprofile --norc -eo pipefail {0}",
    "sh": "sh -e {0}",
    "python": "python {0}",
}
NAMES = ("OUTPUT", "ENV", "PATH", "STATE", "STEP_SUMMARY")
LONGEST_LINE = 2**20


@dataclass(frozen=True)
class Files:
    """The files behind ``GITHUB_OUTPUT`` and its siblings, fresh for one step."""

    folder: Path

    @classmethod
    def make(cls, parent: Path) -> Files:
        """Return empty files in a new folder."""
        folder = parent / f"_runner_{secrets.token_hex(6)}"
        folder.mkdir()
        for name in NAMES:
            (folder / name).touch()
        return cls(folder)

    @property
    def variables(self) -> dict[str, str]:
        """The variables that tell a script where the files are."""
        return {f"GITHUB_{name}": str(self.folder / name) for name in NAMES}

    def read(self, env: dict[str, str]) -> dict[str, str]:
        """Return the outputs, and put what was added to environment and path into ``env``."""
        env |= parse(self._text("ENV"))
        added = [line for line in self._text("PATH").splitlines() if line.strip()]
        env["PATH"] = ":".join([*reversed(added), env["PATH"]])
        return parse(self._text("OUTPUT"))

    def _text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8", errors="replace")


def parse(text: str) -> dict[str, str]:
    """Return the ``name=value`` lines and ``name<<END`` blocks of such a file."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, equals, value = line.partition("=")
        head, block, end = line.partition("<<")
        if block and (not equals or len(head) < len(name)):
            body = []
            for each in lines:
                if each == end:
                    break
                body.append(each)
            found[head] = "\n".join(body)
        elif equals:
            found[name] = value
    return found


async def execute(  # noqa: PLR0917 - a script, where and how it runs, and who hears of it
    script: str,
    shell: str | None,
    folder: Path,
    env: Mapping[str, str],
    hear: Callable[[str], None],
    cancelled: asyncio.Event,
) -> int | None:
    """Run a script to its end and return its code; None where it was cancelled."""
    file = Path(env["RUNNER_TEMP"]) / f"{secrets.token_hex(8)}.sh"
    file.write_text(script, encoding="utf-8")
    command = [part.replace("{0}", str(file)) for part in shlex.split(SHELLS.get(shell, shell or ""))]
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=dict(env),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        limit=LONGEST_LINE,
    )
    reading = asyncio.create_task(_lines(process, hear))
    stopping = asyncio.create_task(cancelled.wait())
    try:
        await asyncio.wait({reading, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():
            return None
        return await process.wait()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        stopping.cancel()
        await process.wait()
        await reading


async def _lines(process: asyncio.subprocess.Process, hear: Callable[[str], None]) -> None:
    assert process.stdout
    async for line in process.stdout:
        hear(line.decode(errors="replace").rstrip("\n"))
