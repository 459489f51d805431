"""``branch_protection_rule``: changed protection wakes what waits in the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.store.store import Store
from bot.webhooks.branch_protection_rule import EVENT
from tests.webhooks.arriving import arrives, desk_of, sleeping, woken

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db


@pytest.mark.parametrize("action", ["created", "edited", "deleted"])
async def test_it_wakes_the_repositorys_runs(store: Store, connection: Db, action: str) -> None:
    await sleeping(store, connection, repository=77)
    mine = await sleeping(store, connection)
    await arrives(EVENT, desk_of(store), action)
    assert await woken(connection) == {mine.id}
