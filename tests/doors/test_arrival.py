"""Arrivals: each repository has a delivery of its own, and a list that is none is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.desk import Delivery
from bot.doors import arrival
from bot.errors import InputError
from bot.ids import DeliveryId
from bot.store.store import Store
from tests.webhooks.arriving import desk_of


def told(listed: Any) -> Delivery:
    return Delivery(DeliveryId("d"), "installation", "created", {"installation": {"id": 9}, "repositories": listed})


async def test_announcing_twice_leaves_each_once(store: Store) -> None:
    added = [{"id": each, "full_name": f"o/r{each}", "private": True} for each in (1, 2)]
    for _ in range(2):
        await arrival.announce("repositories", told(added), desk_of(store))
    letter = await store.take_delivery(DeliveryId("d-1"), timedelta(seconds=9))
    assert letter is not None
    assert letter.event == "installation_repositories"
    assert "private" not in letter.payload
    assert await store.known_deliveries([DeliveryId("d-1"), DeliveryId("d-2"), DeliveryId("d-3")]) == {"d-1", "d-2"}


@pytest.mark.parametrize("listed", [None, {}, "x", [1], [{"id": 1}, None]])
def test_what_is_no_list_of_repositories_is_refused(listed: Any) -> None:
    with pytest.raises(InputError, match="is no list of repositories"):
        arrival.listed(told(listed), "repositories")
