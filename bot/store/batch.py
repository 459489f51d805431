"""Many callers, one transaction: what comes while something is being written waits and is written together.

A commit costs the disk's time however little is in it. Under load it is shared by all who came meanwhile; a lone caller waits
for nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from bot.errors import Fatal

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

AT_ONCE: Final = 1
"""While a transaction waits for the disk, all who come fill the next; of two at once each would be half as full."""


@dataclass
class _Round(Generic[ItemT, ResultT]):
    items: list[ItemT] = field(default_factory=list)
    waiting: list[asyncio.Future[ResultT]] = field(default_factory=list)

    def told(self, done: asyncio.Task[Sequence[ResultT]]) -> None:
        """Tell everybody who still waits what came of it."""
        error = None if done.cancelled() else done.exception()
        results = () if done.cancelled() or error else done.result()
        for place, each in enumerate(self.waiting):
            if each.done():  # a caller that is gone takes nothing from the others
                continue
            if error is not None:
                each.set_exception(error)
            elif done.cancelled():
                each.cancel()
            else:
                each.set_result(results[place])


class Batch(Generic[ItemT, ResultT]):
    """Calls ``do`` with the items of all who wait; it returns one result each, in order. What it raises, all of them get."""

    def __init__(self, do: Callable[[Sequence[ItemT]], Awaitable[Sequence[ResultT]]], at_once: int = AT_ONCE) -> None:
        self._do = do
        self._turns = asyncio.Semaphore(at_once)
        self._filling: _Round[ItemT, ResultT] | None = None
        self._rounds: set[asyncio.Task[Sequence[ResultT]]] = set()

    def __call__(self, item: ItemT) -> asyncio.Future[ResultT]:
        """Have an item done with others; return the future of its own result."""
        if self._filling is None:
            self._filling = _Round()
            done = asyncio.create_task(self._next())
            self._rounds.add(done)
            done.add_done_callback(self._rounds.discard)
            done.add_done_callback(self._filling.told)
        mine: asyncio.Future[ResultT] = asyncio.get_running_loop().create_future()
        self._filling.items.append(item)
        self._filling.waiting.append(mine)
        return mine

    async def _next(self) -> Sequence[ResultT]:
        async with self._turns:
            mine, self._filling = self._filling, None
            items = mine.items if mine else []
            results = await self._do(items)
            if len(results) != len(items):
                raise Fatal(f"{len(results)} results came of {len(items)} items: this is a fault of Pawl, tell its maintainers")
            return results
