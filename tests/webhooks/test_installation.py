"""``installation``: where the App comes, every repository is welcomed; where it goes, its runs end."""

from __future__ import annotations

import json
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


async def test_each_repository_is_welcomed_in_a_delivery_of_its_own(store: Store, connection: Db) -> None:
    told = [{"id": each, "full_name": f"o/r{each}"} for each in range(25)]
    await arrives(EVENT, desk_of(store), "created", repositories=told)
    rows = await connection.fetch("SELECT event, action, payload FROM delivery")
    assert {(row["event"], row["action"]) for row in rows} == {("installation_repositories", "added")}
    named = [json.loads(row["payload"])["repositories_added"] for row in rows]
    assert all(len(each) == 1 for each in named)
    assert {each[0]["id"] for each in named} == set(range(20))
