"""``installation_repositories``: what the App comes to is welcomed, and where it is taken away its runs end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.errors import InputError
from bot.installation.onboarding import BRANCH
from bot.run import State
from bot.store.store import Store
from bot.webhooks.installation_repositories import EVENT
from tests.commands.room import Room
from tests.webhooks.arriving import arrives, desk_of, sleeping

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db


async def test_the_runs_of_what_was_taken_away_end(store: Store, connection: Db) -> None:
    other = await sleeping(store, connection, repository=77)
    mine = await sleeping(store, connection)
    await arrives(EVENT, desk_of(store), "removed", repositories_removed=[{"id": 2, "full_name": "o/r"}, {"id": 5}])
    assert (await store.get(mine.id)).state is State.CANCELLED
    assert (await store.get(other.id)).state is State.AWAITING_APPROVAL


async def test_a_repository_is_asked_once_to_take_pawl_on(room: Room) -> None:
    new = room.hosted.double.repository(f"{room.hosted.owner.login}/new", {"a.py": "a = 1\n"})
    where = {"installation": {"id": room.hosted.installation}}
    await arrives(EVENT, room.desk, "added", repositories_added=[{"id": 1, "full_name": new}], **where)
    assert [each["head"]["ref"] for each in room.hosted.double.get(f"/repos/{new}/pulls")] == [BRANCH]


async def test_of_several_each_has_a_delivery_of_its_own(store: Store, connection: Db) -> None:
    added = [{"id": 5, "full_name": "o/a"}, {"id": 6, "full_name": "o/b"}]
    await arrives(EVENT, desk_of(store), "added", repositories_added=added)
    rows = await connection.fetch("SELECT id FROM delivery")
    assert {row["id"].rpartition("-")[2] for row in rows} == {"5", "6"}


@pytest.mark.parametrize("wrong", [None, {}, [3], [{"id": "2"}]])
async def test_what_is_no_list_of_repositories_is_refused(store: Store, wrong: Any) -> None:
    with pytest.raises(InputError):
        await arrives(EVENT, desk_of(store), "removed", repositories_removed=wrong)
