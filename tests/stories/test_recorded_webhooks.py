"""Every webhook that people recorded from GitHub is taken in, and answered without anything breaking.

Most name repositories and installations that this App does not know, and some are years old: that they end in one sentence, and
not in a traceback, is what is shown.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from bot import webhooks
from bot.desk import Delivery
from bot.ids import DeliveryId
from bot.postman import Postman
from bot.registry import plugins
from bot.store.deliveries import Result
from bot.webhook import Door, Event
from tests.commands.room import Room
from tests.doubles.published import recorded_webhooks

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db

SECRET = "recorded"


def headers(at: int, event: str, body: bytes) -> dict[str, str]:
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-GitHub-Delivery": f"recorded-{at}",
        "X-GitHub-Event": event,
        "X-Hub-Signature-256": f"sha256={signature}",
    }


@pytest.mark.timeout(600)
async def test_each_is_taken_in_and_answered_without_a_traceback(
    room: Room, connection: Db, caplog: pytest.LogCaptureFixture
) -> None:
    events = plugins(webhooks, Event)
    app = web.Application()
    app.router.add_post("/webhook", Door(room.store, SecretStr(SECRET), events).receive)
    recorded = recorded_webhooks()
    assert len(recorded) >= 329
    async with TestClient(TestServer(app)) as client:
        for at, (event, payload) in enumerate(recorded):
            body = json.dumps(payload).encode()
            async with client.post("/webhook", data=body, headers=headers(at, event, body)) as answer:
                assert answer.status == 202, (event, await answer.text())
    async with asyncio.timeout(300):
        await room.store.consume_deliveries(Postman(room.desk, events).answer, asyncio.Event(), until_empty=True)
    results: Counter[Result] = Counter()
    for at, (event, payload) in enumerate(recorded):
        ended = await room.store.delivery_result(DeliveryId(f"recorded-{at}"))
        assert ended is not None
        result, reason = ended
        assert result in {Result.ANSWERED, Result.REFUSED, Result.UNWANTED}, (event, payload.get("action"), reason)
        assert "\n" not in reason
        results[result] += 1
        said = Delivery(DeliveryId("d"), event, payload.get("action", ""), payload)
        wanted = event in events and events[event].wants(said)
        assert wanted == (result is not Result.UNWANTED)
    assert results[Result.ANSWERED] > 0
    assert not [each for each in caplog.records if each.exc_info]
    assert await connection.fetchval("SELECT count(*) FROM run") == 0
