"""The workshop of one run: trees laid out once, environments prepared once, one lab for each, all gone at the end."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from bot.config import Config
from bot.errors import Hindered
from bot.forge import Forge
from bot.ids import Sha
from bot.lab import Lab
from bot.sandbox.environment import prepare
from bot.sandbox.sandbox import Environment, Sandbox
from bot.stage import Progress


@dataclass
class Workshop:
    """An async context manager; ``sandbox`` None means that nothing of the project's may run."""

    forge: Forge
    sandbox: Sandbox | None
    cache: Path
    config: Config
    progress: Progress
    seed: int = 0
    _folder: Path = field(init=False)
    _trees: dict[Sha, Path] = field(default_factory=dict)
    _labs: dict[str, Lab] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def __aenter__(self) -> Self:
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="pawl-"))
        except OSError as error:
            raise Hindered(f"no temporary folder can be made ({error.strerror}): set TMPDIR to one with room") from error
        return self

    async def __aexit__(self, *_: object) -> None:
        for lab in self._labs.values():
            await asyncio.to_thread(lab.close)
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def lay_out(self, commit: Sha) -> Path:
        """Return a directory with the commit's files, all of them; nobody writes to it."""
        async with self._turn:
            if commit not in self._trees:
                fresh = self._folder / f".{commit[:16]}"
                try:
                    fresh.mkdir()
                    await self.forge.lay_out(commit, fresh)
                    self._trees[commit] = fresh.rename(self._folder / commit[:16])
                finally:
                    await asyncio.to_thread(shutil.rmtree, fresh, ignore_errors=True)
            return self._trees[commit]

    @property
    def environments(self) -> tuple[Environment, ...]:
        """What the project's code ran in, as far as any has."""
        return tuple(each.environment for each in self._labs.values())

    async def lab(self, commit: Sha) -> Lab:
        """Return the lab whose environment the commit's manifests ask for."""
        root = await self.lay_out(commit)
        async with self._turn:
            environment = await asyncio.to_thread(prepare, root, self.cache, self.progress)
            if environment.digest not in self._labs:
                self._labs[environment.digest] = Lab(
                    self.sandbox, environment, self.seed, self.config.budget.suite_seconds, self.config.mutation.most
                )
            return self._labs[environment.digest]
