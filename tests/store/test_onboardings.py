"""How a repository took Pawl on, written once for each change."""

from __future__ import annotations

from bot.ids import PullNumber
from bot.store.onboardings import Onboarding, Welcome
from bot.store.store import Store


async def test_from_proposed_to_accepted(store: Store) -> None:
    assert await store.onboardings.of(5) is None
    for _ in range(2):
        await store.onboardings.put(5, Welcome.PROPOSED, PullNumber(1), "pawl")
    assert await store.onboardings.of(5) == Onboarding(Welcome.PROPOSED, PullNumber(1))
    for _ in range(2):
        await store.onboardings.put(5, Welcome.ACCEPTED, None, "ann")
    assert await store.onboardings.of(5) == Onboarding(Welcome.ACCEPTED, PullNumber(1))
    assert (await store.ledger_head()).count == 2
