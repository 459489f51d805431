"""Trust falls by itself, once for each cause, and people raise it by changing the configuration."""

from __future__ import annotations

from bot.store.distrust import Lost
from bot.store.store import Store


async def test_each_cause_takes_one_level(store: Store) -> None:
    assert await store.distrust.lost(5, "c1") is None
    assert await store.distrust.lose(5, "c1", 3, "rollback 1", "rolled back")
    assert not await store.distrust.lose(5, "c1", 3, "rollback 1", "rolled back")
    assert await store.distrust.lost(5, "c1") == Lost(2, "rolled back")
    assert await store.distrust.lose(5, "c1", 3, "veto 2", "vetoed")
    assert await store.distrust.lost(5, "c1") == Lost(1, "vetoed")
    assert await store.distrust.lost(6, "c1") is None


async def test_causes_that_take_turns_take_one_level_each(store: Store) -> None:
    for _ in range(3):
        for cause in ("veto 1", "veto 2"):
            await store.distrust.lose(5, "c1", 4, cause, f"{cause} stands")
    assert await store.distrust.lost(5, "c1") == Lost(2, "veto 2 stands")
    await store.distrust.lose(5, "c2", 4, "veto 1", "veto 1 stands")
    assert await store.distrust.lost(5, "c2") is None, "people who raised it knew of that veto"


async def test_another_configuration_starts_afresh(store: Store) -> None:
    await store.distrust.lose(5, "c1", 3, "rollback 1", "rolled back")
    assert await store.distrust.lost(5, "c2") is None
    assert await store.distrust.lose(5, "c2", 4, "rollback 2", "again")
    assert await store.distrust.lost(5, "c2") == Lost(3, "again")


async def test_there_is_nothing_below_nothing(store: Store) -> None:
    assert not await store.distrust.lose(5, "c1", 0, "veto 1", "vetoed")
    assert await store.distrust.lost(5, "c1") is None
