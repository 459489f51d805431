"""``installation``: where the App goes, its runs end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.run import State
from bot.store.store import Store
from bot.webhooks.installation import EVENT
from tests.webhooks.arriving import arrives, desk_of, sleeping

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db


@pytest.mark.parametrize(("action", "how"), [("deleted", "taken away"), ("suspend", "suspended")])
async def test_its_runs_end(store: Store, connection: Db, action: str, how: str) -> None:
    runs = [await sleeping(store, connection, repository=each) for each in (2, 77)]
    await arrives(EVENT, desk_of(store), action, installation={"id": 1})
    assert {(await store.get(each.id)).state for each in runs} == {State.AWAITING_APPROVAL}
    await arrives(EVENT, desk_of(store), action)
    for each in runs:
        ended = await store.get(each.id)
        assert (ended.state, ended.reason) == (State.CANCELLED, f"the App's installation was {how}")
