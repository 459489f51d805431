"""The bridge from threads to the router: engines and duties think in threads, the router lives on the event loop."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as NotYet
from typing import Final

from bot.errors import Fatal
from bot.llm.asking import Answer, Ask, Duty, NoAnswer
from bot.llm.router import Router

_LOOK: Final = 5.0
"""Seconds between looks at whether the loop is still there, while an answer is waited for."""
_LEFT: Final = "the run was left while a model was being asked: go on with it by resuming the run"


class ThreadAsker:
    """Asks through a router from any thread but the loop's own (see :class:`bot.llm.asking.Asker`), until it is closed."""

    def __init__(self, router: Router, loop: asyncio.AbstractEventLoop) -> None:
        self._router = router
        self._loop = loop
        self._lock = threading.Lock()
        self._closed = False
        self._tasks: set[asyncio.Task[Answer]] = set()

    def authors(self, duty: Duty) -> tuple[str, ...]:
        """Return who may answer for a duty, in order, as ``provider:model``."""
        return self._router.authors(duty)

    def ask(self, question: Ask) -> Answer:
        """Return the first usable answer of the duty's models.

        Raises:
            NoAnswer: none gave one, or the run was left.
            OverBudget: the next call would go beyond a budget.
            Fatal: it was called on the event loop, which would wait for itself.
        """
        if _is_current(self._loop):
            raise Fatal("a model was asked on the event loop, which would wait for itself: ask from a thread")
        asked = self._begin(question)
        while True:
            try:
                return asked.result(_LOOK)
            except CancelledError:
                raise NoAnswer(_LEFT) from None
            except NotYet:
                if asked.done():
                    raise
                if self._loop.is_closed():
                    raise NoAnswer(_LEFT) from None

    async def close(self) -> None:
        """Let nobody ask any more; who waits gets none, and what was under way is written down before this returns."""
        with self._lock:
            self._closed = True
        tasks = tuple(self._tasks)
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, question: Ask) -> Future[Answer]:
        with self._lock:
            if self._closed or self._loop.is_closed():
                raise NoAnswer(_LEFT)
            return asyncio.run_coroutine_threadsafe(self._answer(question), self._loop)

    async def _answer(self, question: Ask) -> Answer:
        if self._closed:  # since it was begun
            raise NoAnswer(_LEFT)
        task = asyncio.ensure_future(self._router.ask(question))
        self._tasks.add(task)
        try:
            return await task
        finally:
            self._tasks.discard(task)


def _is_current(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
