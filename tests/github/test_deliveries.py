"""Deliveries that never got through: told apart from those a later attempt brought home, and asked for again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Fatal
from bot.github.deliveries import DeliveryRow, failed_since, never_through, redeliver
from bot.ids import DeliveryId
from tests.doubles.github.client import Double
from tests.github.hosted import Hosted

START = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = st.lists(
    st.builds(
        lambda guid, status, at: (guid, status, at),
        st.sampled_from("abc"),
        st.sampled_from([0, 200, 202, 302, 400, 404, 500, 502, 504]),
        st.integers(0, 5),
    ),
    max_size=20,
)


@given(ROWS)
def test_a_delivery_is_missing_exactly_when_no_attempt_got_through(told: list[tuple[str, int, int]]) -> None:
    rows = [
        DeliveryRow(each, DeliveryId(guid), "issues", "", status, each > 0, START + timedelta(minutes=at))
        for each, (guid, status, at) in enumerate(told)
    ]
    found = never_through(rows)
    assert {row.guid for row in found} == {row.guid for row in rows} - {row.guid for row in rows if 200 <= row.status_code < 400}
    assert len({row.guid for row in found}) == len(found)
    for row in found:
        tries = [each for each in rows if each.guid == row.guid]
        assert row.attempts == len(tries)
        assert row.delivered == max(each.delivered for each in tries)
    assert [row.delivered for row in found] == sorted(row.delivered for row in found)


async def test_a_time_without_a_zone_is_a_fault(hosted: Hosted) -> None:
    with pytest.raises(Fatal, match="no zone"):
        await failed_since(hosted.app, datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


async def test_what_nobody_was_there_to_take_is_listed_and_delivered_again_under_its_own_id(
    hosted: Hosted, hub: Double, unused_tcp_port: int
) -> None:
    since = datetime.now(UTC) - timedelta(minutes=1)
    hub.admin("PATCH", f"/apps/{hosted.app.id}", {"hook_url": f"http://127.0.0.1:{unused_tcp_port}/", "events": ["issues"]})
    hosted.owner.open_issue(hosted.name, "Broken")
    await hub.settled()
    missing = [each for each in await failed_since(hosted.app, since) if each.event == "issues"]
    assert [each.redelivered for each in missing] == [False]
    await redeliver(hosted.app, missing[0].id)
    await hub.settled()
    again = [each for each in await failed_since(hosted.app, since) if each.event == "issues"]
    assert [(each.guid, each.attempts, each.redelivered) for each in again] == [(missing[0].guid, 2, True)]
    assert await failed_since(hosted.app, datetime.now(UTC) + timedelta(minutes=5)) == []
