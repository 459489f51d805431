"""Batches: everybody gets their own result, or the error of all; who comes meanwhile is done together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import Fatal, Retryable
from bot.store.batch import Batch


async def test_who_comes_meanwhile_is_done_together() -> None:
    rounds: list[list[int]] = []
    started, gate = asyncio.Event(), asyncio.Event()

    async def do(items: Sequence[int]) -> list[int]:
        rounds.append(list(items))
        started.set()
        await gate.wait()
        return [each * 10 for each in items]

    batch = Batch(do, at_once=1)
    first = asyncio.ensure_future(batch(1))
    await started.wait()
    others = [asyncio.ensure_future(batch(number)) for number in (2, 3, 4)]
    await asyncio.sleep(0)
    gate.set()
    assert [await first, *[await each for each in others]] == [10, 20, 30, 40]
    assert rounds == [[1], [2, 3, 4]]


async def test_an_error_reaches_all_of_its_round_and_nobody_else() -> None:
    async def do(items: Sequence[int]) -> list[int]:
        if 13 in items:
            raise Retryable("the database does not answer")
        return list(items)

    batch = Batch(do)
    found = await asyncio.gather(batch(12), batch(13), return_exceptions=True)
    assert [type(each) for each in found] == [Retryable, Retryable]
    assert await batch(14) == 14


async def test_a_caller_that_is_gone_takes_nothing_from_the_others() -> None:
    started, gate = asyncio.Event(), asyncio.Event()

    async def do(items: Sequence[int]) -> list[int]:
        started.set()
        await gate.wait()
        return list(items)

    batch = Batch(do)
    gone, stays = asyncio.ensure_future(batch(1)), asyncio.ensure_future(batch(2))
    await started.wait()
    gone.cancel()
    gate.set()
    assert await stays == 2
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_nobody_waits_for_ever_where_a_result_is_lacking() -> None:
    async def do(items: Sequence[int]) -> list[int]:
        return list(items)[1:]

    batch = Batch(do)
    found = await asyncio.gather(batch(1), batch(2), return_exceptions=True)
    assert [type(each) for each in found] == [Fatal, Fatal]


async def test_who_waits_for_a_round_that_is_given_up_is_told() -> None:
    started = asyncio.Event()

    async def do(_items: Sequence[int]) -> list[int]:
        started.set()
        raise asyncio.CancelledError

    batch = Batch(do)
    waiting = [batch(1), batch(2)]
    await started.wait()
    assert [type(each) for each in await asyncio.gather(*waiting, return_exceptions=True)] == [asyncio.CancelledError] * 2


@settings(max_examples=30)
@given(st.lists(st.integers(0, 3), max_size=40), st.integers(1, 3))
def test_any_order_of_callers_gets_what_is_theirs(pauses: list[int], at_once: int) -> None:
    async def do(items: Sequence[int]) -> list[int]:
        await asyncio.sleep(0)
        return [-each for each in items]

    async def caller(batch: Batch[int, int], number: int, pause: int) -> int:
        for _ in range(pause):
            await asyncio.sleep(0)
        return await batch(number)

    async def everybody() -> list[int]:
        batch = Batch(do, at_once)
        return await asyncio.gather(*(caller(batch, number, pause) for number, pause in enumerate(pauses)))

    assert asyncio.run(everybody()) == [-number for number in range(len(pauses))]
