"""``repository``: nothing goes on where nobody may see it any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.run import State
from bot.store.store import Store
from bot.webhooks.repository import EVENT
from tests.webhooks.arriving import arrives, desk_of, sleeping

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db


@pytest.mark.parametrize("action", ["archived", "deleted", "transferred"])
async def test_its_runs_end(store: Store, connection: Db, action: str) -> None:
    other = await sleeping(store, connection, repository=77)
    mine = await sleeping(store, connection)
    await arrives(EVENT, desk_of(store), action)
    ended = await store.get(mine.id)
    assert (ended.state, ended.reason) == (State.CANCELLED, f"the repository was {action}")
    assert (await store.get(other.id)).state is State.AWAITING_APPROVAL
