"""``installation_repositories``: where the App is taken from a repository, its runs there end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.errors import InputError
from bot.run import State
from bot.store.store import Store
from bot.webhooks.installation_repositories import EVENT
from tests.webhooks.arriving import arrives, desk_of, sleeping

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db


async def test_the_runs_of_what_was_taken_away_end(store: Store, connection: Db) -> None:
    other = await sleeping(store, connection, repository=77)
    mine = await sleeping(store, connection)
    await arrives(EVENT, desk_of(store), "removed", repositories_removed=[{"id": 2, "full_name": "o/r"}, {"id": 5}])
    assert (await store.get(mine.id)).state is State.CANCELLED
    assert (await store.get(other.id)).state is State.AWAITING_APPROVAL


@pytest.mark.parametrize("wrong", [None, {}, [3], [{"id": "2"}]])
async def test_what_is_no_list_of_repositories_is_refused(store: Store, wrong: Any) -> None:
    with pytest.raises(InputError):
        await arrives(EVENT, desk_of(store), "removed", repositories_removed=wrong)
