"""A sandbox that does not isolate: a plain process, in place or, where it is spoken with, in a copy. For our own trees only."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from typing import BinaryIO, Self, cast

from bot.sandbox.sandbox import Completed, Ended, Launch, Layer


class BareConversation:
    def __init__(self, process: subprocess.Popen[bytes], copy: str) -> None:
        self._process = process
        self._copy = copy
        self._started = time.monotonic()
        self.stdin = cast("BinaryIO", process.stdin)
        self.stdout = cast("BinaryIO", process.stdout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> Completed:
        code = self._process.poll()
        self._process.kill()
        self._process.wait()
        self.stdin.close()
        self.stdout.close()
        shutil.rmtree(self._copy, ignore_errors=True)
        ended = Ended.KILLED if code is None else Ended.EXITED
        return Completed(137 if code is None else code, ended, b"", b"", time.monotonic() - self._started)


class BareSandbox:
    layer = Layer.RESTRICTED

    def run(self, launch: Launch) -> Completed:
        started = time.monotonic()
        done = subprocess.run(
            launch.command,
            cwd=launch.workspace,
            env={"PATH": "/usr/bin:/bin", **launch.env},
            input=launch.stdin,
            capture_output=True,
            timeout=launch.limits.seconds,
            check=False,
        )
        return Completed(done.returncode, Ended.EXITED, done.stdout, done.stderr, time.monotonic() - started)

    def converse(self, launch: Launch) -> BareConversation:
        copy = tempfile.mkdtemp()
        shutil.copytree(launch.workspace, copy, symlinks=True, dirs_exist_ok=True)
        process = subprocess.Popen(
            launch.command,
            cwd=copy,
            env={"PATH": "/usr/bin:/bin", **launch.env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        return BareConversation(process, copy)
