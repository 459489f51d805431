"""``ping``: GitHub's first word is taken in."""

from __future__ import annotations

from bot.store.store import Store
from bot.webhooks.ping import EVENT
from tests.webhooks.arriving import arrives, desk_of


async def test_it_is_answered(store: Store) -> None:
    await arrives(EVENT, desk_of(store), zen="Keep it logically awesome.", hook_id=7)
