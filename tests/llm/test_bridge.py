"""The bridge: threads ask, the loop answers, and nobody is left waiting when a run is left."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from bot.errors import Fatal
from bot.llm.asking import Ask, Asker, Duty, NoAnswer, OverBudget, Passage
from bot.llm.bridge import ThreadAsker
from bot.llm.budget import Budget
from bot.llm.provider import Completion, Request
from bot.llm.router import Router
from bot.llm.seat import Seat
from tests.doubles.scripted_provider import ScriptedProvider, says
from tests.llm.test_router import Notebook

QUESTION = Ask(Duty.READER, "Answer.", (Passage("instruction", "what?"),), most_output=100)


def bridge(provider: ScriptedProvider, budget: Budget | None = None) -> ThreadAsker:
    router = Router({Duty.READER: (Seat(provider, "m"),)}, budget or Budget(), Notebook())
    return ThreadAsker(router, asyncio.get_running_loop())


class Endless(ScriptedProvider):
    begun: asyncio.Event
    ended: asyncio.Event

    async def complete(self, request: Request, heard: Any) -> Completion:
        self.requests.append(request)
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()
        return await super().complete(request, heard)


async def test_a_thread_asks_and_is_answered() -> None:
    asker: Asker = bridge(ScriptedProvider("p", [says("yes")]))
    assert asker.authors(Duty.READER) == ("p:m",)
    assert asker.authors(Duty.CRITIC) == ()
    assert (await asyncio.to_thread(asker.ask, QUESTION)).text == "yes"


async def test_those_who_wait_do_not_keep_the_answers_from_coming() -> None:
    """As many wait as the loop has threads, and more."""
    asker = bridge(ScriptedProvider("p", otherwise=says("yes")))
    said = await asyncio.gather(*(asyncio.to_thread(asker.ask, QUESTION) for _ in range(40)))
    assert [each.text for each in said] == ["yes"] * 40


async def test_what_the_router_says_comes_through() -> None:
    with pytest.raises(OverBudget):
        await asyncio.to_thread(bridge(ScriptedProvider("p"), Budget(calls=0)).ask, QUESTION)


async def test_the_loop_never_waits_for_itself() -> None:
    with pytest.raises(Fatal, match="on the event loop"):
        bridge(ScriptedProvider("p")).ask(QUESTION)


async def test_once_it_is_closed_nobody_asks_and_nobody_waits() -> None:
    provider = Endless("p")
    provider.begun, provider.ended = asyncio.Event(), asyncio.Event()
    asker = bridge(provider)
    waiting = asyncio.create_task(asyncio.to_thread(asker.ask, QUESTION))
    await provider.begun.wait()
    await asker.close()
    assert provider.ended.is_set()
    with pytest.raises(NoAnswer, match="the run was left"):
        await waiting
    with pytest.raises(NoAnswer, match="the run was left"):
        await asyncio.to_thread(asker.ask, QUESTION)
    assert len(provider.requests) == 1


def test_a_loop_that_is_gone_answers_nobody() -> None:
    caught: list[BaseException] = []

    async def play() -> ThreadAsker:
        return bridge(ScriptedProvider("p"))

    asker = asyncio.run(play())

    def ask() -> None:
        try:
            asker.ask(QUESTION)
        except NoAnswer as error:
            caught.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert "the run was left" in str(caught[0])
