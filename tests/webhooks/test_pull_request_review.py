"""``pull_request_review``: a review wakes the run of its pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.store.store import Store
from bot.webhooks.pull_request_review import EVENT
from tests.webhooks.arriving import arrives, desk_of, sleeping, woken

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db


@pytest.mark.parametrize("action", ["submitted", "dismissed"])
async def test_it_wakes_the_run_that_opened_the_pull_request(store: Store, connection: Db, action: str) -> None:
    await sleeping(store, connection, number=50)
    mine = await sleeping(store, connection)
    await connection.execute("UPDATE run SET pull = 40 WHERE id = $1", mine.id)
    await arrives(EVENT, desk_of(store), action, pull_request={"number": 40})
    assert await woken(connection) == {mine.id}


def test_an_edited_review_says_nothing_new() -> None:
    assert EVENT.actions == {"submitted", "dismissed"}
