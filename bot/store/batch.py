"""Many callers, one transaction: what comes while something is being written waits and is written together.

A commit costs the disk's time however little is in it. Under load it is shared by all who came meanwhile; a lone caller waits
for nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

AT_ONCE: Final = 2
"""One transaction waits for the disk while the next one is being filled in."""


@dataclass
class _Round(Generic[ItemT, ResultT]):
    items: list[ItemT]
    done: asyncio.Task[Sequence[ResultT]]


class Batch(Generic[ItemT, ResultT]):
    """Calls ``do`` with the items of all who wait; it returns one result each, in order. What it raises, all of them get."""

    def __init__(self, do: Callable[[Sequence[ItemT]], Awaitable[Sequence[ResultT]]], at_once: int = AT_ONCE) -> None:
        self._do = do
        self._turns = asyncio.Semaphore(at_once)
        self._filling: _Round[ItemT, ResultT] | None = None

    async def __call__(self, item: ItemT) -> ResultT:
        """Have an item done with others and return its own result."""
        if self._filling is None:
            self._filling = _Round([], asyncio.create_task(self._next()))
        mine = self._filling
        place = len(mine.items)
        mine.items.append(item)
        return (await asyncio.shield(mine.done))[place]  # a caller that is gone takes nothing from the others

    async def _next(self) -> Sequence[ResultT]:
        async with self._turns:
            mine, self._filling = self._filling, None
            return await self._do(mine.items if mine else [])
