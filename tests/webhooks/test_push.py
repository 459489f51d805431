"""``push``: only the default branch's move is of interest to what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.store.onboardings import Welcome
from bot.store.store import Store
from bot.webhooks.push import EVENT
from tests.commands.room import Room
from tests.webhooks.arriving import REPOSITORY, arrives, desk_of, sleeping, woken

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db


@pytest.mark.parametrize(("ref", "wakes"), [("refs/heads/main", True), ("refs/heads/topic", False), ("refs/tags/main", False)])
async def test_the_default_branch_wakes_the_repositorys_runs(store: Store, connection: Db, ref: str, wakes: bool) -> None:
    await sleeping(store, connection, repository=77)
    mine = await sleeping(store, connection)
    await store.onboardings.put(REPOSITORY, Welcome.ACCEPTED, None, "mona")
    await arrives(EVENT, desk_of(store), ref=ref)
    assert await woken(connection) == ({mine.id} if wakes else set())


async def test_a_configuration_that_came_takes_pawl_on(room: Room) -> None:
    await room.store.onboardings.put(room.repository, Welcome.PROPOSED, None, "pawl")
    where = {"id": room.repository, "full_name": room.name, "default_branch": "main"}
    told: Any = {"repository": where, "installation": {"id": room.hosted.installation}, "ref": "refs/heads/main"}
    await arrives(EVENT, room.desk, **told)
    found = await room.store.onboardings.of(room.repository)
    assert found is not None
    assert found.state is Welcome.ACCEPTED
