"""Chores: of several processes one begins each."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from bot.store.store import Store

NOW = datetime(2030, 1, 1, tzinfo=UTC)


async def test_one_of_many_begins_a_chore(store: Store) -> None:
    assert await store.chores() == {}
    assert sum(await asyncio.gather(*(store.take_chore("sweep", None, NOW) for _ in range(5)))) == 1
    assert await store.chores() == {"sweep": NOW}
    later = NOW + timedelta(seconds=30)
    assert sum(await asyncio.gather(*(store.take_chore("sweep", NOW, later) for _ in range(5)))) == 1
    assert not await store.take_chore("sweep", NOW, later + timedelta(seconds=1))
    assert await store.chores() == {"sweep": later}
