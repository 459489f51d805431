"""A bare copy of a repository elsewhere, filled over HTTPS as commits are asked for.

The token goes to git through its environment alone: it stands in no argument, no file and no log. One process at a time fetches
into a mirror; reading it needs no lock.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import fcntl
import os
import re
import resource
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bot.errors import InputError, Refused, Retryable
from bot.git.objects import Objects, environment
from bot.ids import Sha

GIB: Final = 2**30
MOST_PACKS: Final = 40
"""Packs after which small ones are joined: git looks into each for every object."""
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_UNKNOWN = re.compile(r"not our ref|couldn't find remote ref|unadvertised object|no such remote ref", re.IGNORECASE)
_UNTRUSTED = re.compile(r"could not read Username|Authentication failed|returned error: 40[13]", re.IGNORECASE)
_ABSENT = re.compile(r"repository .* not found|returned error: 404", re.IGNORECASE)
_MOVED = re.compile(r"returned error: 30\d|unable to update url base", re.IGNORECASE)
_TOO_LARGE = re.compile(r"file too large", re.IGNORECASE)


@dataclass(frozen=True)
class Mirror:
    """The copy in ``folder`` of the repository at ``url``; ``token`` gives what may read it, True asks for another one."""

    folder: Path
    url: str
    token: Callable[[bool], Awaitable[str]] = field(repr=False)
    most_bytes: int = 4 * GIB
    """What the copy may take on disk."""
    seconds: float = 900.0
    """How long one fetch may take."""

    @property
    def objects(self) -> Objects:
        """The copy as git objects."""
        return Objects(self.folder)

    @property
    def empty(self) -> bool:
        """Whether nothing was ever fetched."""
        return not (self.folder / "HEAD").exists()

    async def has(self, commit: Sha) -> bool:
        """Return whether the commit is here already."""
        return not self.empty and await asyncio.to_thread(self.objects.has, commit)

    async def have(self, *commits: Sha) -> None:
        """Fetch those commits that are not here yet, with all they stand on.

        Raises:
            InputError: there is no such commit there.
            Refused: the token does not open the repository, or the copy would grow too large.
            Retryable: the other side cannot be reached.
        """
        for each in commits:
            if _SHA.fullmatch(each) is None:
                raise InputError(f"{each!r} is no commit's full name")
        if [each for each in commits if not await self.has(each)]:
            async with self._locked():
                missing = [each for each in dict.fromkeys(commits) if not await self.has(each)]
                if missing:
                    await self._fetch([f"+{each}:refs/pawl/seen/{each}" for each in missing])

    async def fetch(self, *refspecs: str) -> None:
        """Fetch what these refspecs name; raises as :meth:`have`."""
        async with self._locked():
            await self._fetch(list(refspecs))

    async def _fetch(self, refspecs: list[str]) -> None:
        self._make()
        for half in (self.folder / "objects/pack").glob("tmp_*"):
            half.unlink()  # of a fetch that was cut off: whoever holds the lock is the only one to write packs
        for fresh in (False, True):
            done, said = await self._run(await self.token(fresh), refspecs)
            if not (done and _UNTRUSTED.search(said)):
                break
        if done:
            raise self._why(said, refspecs)
        await asyncio.to_thread(self._tidy)

    def _make(self) -> None:
        """Make the empty copy, all of it or nothing."""
        if not self.empty:
            return
        with tempfile.TemporaryDirectory(prefix=".new-", dir=self.folder.parent) as room:
            Objects(Path(room)).git("init", "--bare", "--quiet", "--initial-branch=main", "fresh")
            shutil.rmtree(self.folder, ignore_errors=True)  # what an interrupted attempt may have left
            (Path(room) / "fresh").rename(self.folder)

    async def _run(self, token: str, refspecs: list[str]) -> tuple[int, str]:
        """Run one fetch; return its exit code and what it said."""
        secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        parts = urlsplit(self.url)
        env = environment(
            {
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": f"http.{parts.scheme}://{parts.netloc}/.extraHeader",
                "GIT_CONFIG_VALUE_0": f"Authorization: Basic {secret}",
            }
        )
        scheme = "https" if parts.scheme == "https" else "http"
        settings = (
            f"protocol.{scheme}.allow=always",
            "protocol.version=2",
            "http.followRedirects=false",
            "credential.helper=",
            "fetch.unpackLimit=1",  # a pack comes in whole or not at all, loose objects would come one by one
        )
        quiet = (
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--no-auto-maintenance",
            "--no-prune",
        )
        command = self.objects.command("fetch", *quiet, "--end-of-options", self.url, *refspecs, settings=settings)
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=env,
            start_new_session=True,
            restore_signals=False,  # Python lets a file that is too large be an error that git tells of, instead of its death
        )
        with contextlib.suppress(ProcessLookupError):  # it may have ended already
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (self.most_bytes, self.most_bytes))
        try:
            async with asyncio.timeout(self.seconds):
                _, said = await process.communicate()
        except TimeoutError:
            raise Retryable(f"fetching {self.url} took longer than {self.seconds:g} s") from None
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        return process.returncode or 0, said.decode(errors="replace")

    def _why(self, said: str, refspecs: list[str]) -> InputError | Refused | Retryable:
        lines = [each for each in said.strip().splitlines() if each.strip()]
        last = lines[-1][:200] if lines else "git said nothing"
        if _UNKNOWN.search(said):
            wanted = ", ".join(each.lstrip("+").partition(":")[0] for each in refspecs)
            return InputError(f"{self.url} has no {wanted}: it may have been deleted or rewritten; fetch its present name")
        if _TOO_LARGE.search(said):
            return self._too_large()
        if _ABSENT.search(said):
            return InputError(f"{self.url} is not there, or the App is not installed on it")
        if _MOVED.search(said):
            return InputError(f"{self.url} was renamed or moved: ask again under its present name")
        if _UNTRUSTED.search(said):
            return Refused(f"{self.url} does not open to the App's token: give the App `contents: read` and install it there")
        return Retryable(f"fetching {self.url} failed: {last}")

    def _tidy(self) -> None:
        """Join packs where there are many; raises Refused where the copy has outgrown its bound."""
        told = dict(line.split(": ") for line in self.objects.git("count-objects", "-v").decode().splitlines())
        if (int(told["size-pack"]) + int(told["size"])) * 1024 > self.most_bytes:
            raise self._too_large()
        if int(told["packs"]) > MOST_PACKS:
            self.objects.git("repack", "--geometric=2", "-d", "--quiet")

    def _too_large(self) -> Refused:
        most = f"{self.most_bytes / GIB:g} GiB"
        return Refused(f"{self.url} takes more than {most} on disk: Pawl does not work on repositories that large")

    @asynccontextmanager
    async def _locked(self) -> AsyncIterator[None]:
        """Hold the mirror's lock, which the kernel lets go however a process dies."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.folder.with_name(f"{self.folder.name}.lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            pause = 0.02
            while not _try_lock(descriptor):
                await asyncio.sleep(pause)
                pause = min(2 * pause, 0.5)
            yield
        finally:
            os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
