"""The postman: each delivery is answered once in effect, whatever its answer raises and however often processes die."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from bot.desk import Delivery, Desk, Place
from bot.errors import Fatal, InputError, Refused, Retryable
from bot.github.errors import LimitReached
from bot.herald import NEEDS_HUMAN
from bot.ids import DeliveryId
from bot.postman import LONGEST_PAUSE, MOST_DEATHS, PATIENCE, Postman
from bot.settings import Settings
from bot.store.deliveries import Letter, Result
from bot.store.store import Store, open_store
from bot.webhook import Event
from tests.commands.room import Room

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db

FIRST = DeliveryId("first")
DOUBLE = Path(__file__).parent / "doubles" / "answering_postman.py"
Body = Callable[[Delivery, Desk], Awaitable[None]]


def postman(store: Store, body: Body, seconds: float = 60.0) -> Postman:
    nothing: Any = None
    desk = Desk(store, nothing, nothing, nothing)
    return Postman(desk, {"issues": Event("issues", frozenset({"labeled"}), body)}, timedelta(milliseconds=1), seconds)


async def delivered(store: Store, name: str = FIRST, number: int = 1) -> None:
    assert await store.deliver(Letter(DeliveryId(name), "issues", "labeled", f'{{"number":{number}}}', 0))


async def until_empty(one: Postman) -> None:
    async with asyncio.timeout(60):
        await one.store.consume_deliveries(one.answer, asyncio.Event(), until_empty=True)


async def test_a_delivery_is_handed_to_its_events_file(store: Store) -> None:
    seen = []

    async def body(delivery: Delivery, desk: Desk) -> None:
        assert desk.store is store
        seen.append(delivery)

    await delivered(store)
    await until_empty(postman(store, body))
    assert seen == [Delivery(FIRST, "issues", "labeled", {"number": 1})]
    assert await store.delivery_result(FIRST) == (Result.ANSWERED, "")


@pytest.mark.parametrize(
    ("error", "result", "reason"),
    [
        (Refused("the label is not known: use another"), Result.REFUSED, "the label is not known: use another"),
        (InputError("no"), Result.REFUSED, "no"),
        (Fatal("broken"), Result.FAILED, "Fatal: the log has it whole under delivery first"),
        (ZeroDivisionError(), Result.FAILED, "ZeroDivisionError: the log has it whole under delivery first"),
    ],
)
async def test_whatever_an_answer_raises_the_delivery_ends_in_words(
    store: Store, error: Exception, result: Result, reason: str
) -> None:
    async def body(_delivery: Delivery, _desk: Desk) -> None:
        raise error

    await delivered(store)
    await until_empty(postman(store, body))
    assert await store.delivery_result(FIRST) == (result, reason)


async def passes(connection: Db, pause: timedelta) -> None:
    """Let time pass for what is waiting."""
    await connection.execute("UPDATE delivery SET received = received - $1::interval", pause)


async def through_time(one: Postman, connection: Db) -> list[timedelta]:
    """Answer the first delivery whenever it comes again; return the pauses between."""
    pauses = []
    while (pause := await one.answer(FIRST)) is not None:
        pauses.append(pause)
        await passes(connection, pause)
    return pauses


@pytest.mark.parametrize("hours", [0.0, 0.02, 1.0, 23.7])
async def test_an_outage_of_hours_loses_nothing(store: Store, connection: Db, hours: float) -> None:
    async def body(delivery: Delivery, _desk: Desk) -> None:
        age = await connection.fetchval("SELECT clock_timestamp() - received FROM delivery WHERE id = $1", delivery.id)
        if age < timedelta(hours=hours):
            raise Retryable("GitHub is away")

    await delivered(store)
    one = replace(postman(store, body), pause=timedelta(seconds=2))
    pauses = await through_time(one, connection)
    assert await store.delivery_result(FIRST) == (Result.ANSWERED, "")
    assert sum(pauses, timedelta()) < timedelta(hours=hours) + LONGEST_PAUSE


async def test_pauses_grow_up_to_a_quarter_of_an_hour_for_a_day(store: Store, connection: Db) -> None:
    async def body(_delivery: Delivery, _desk: Desk) -> None:
        raise Retryable("GitHub is away")

    await delivered(store)
    one = replace(postman(store, body), pause=timedelta(seconds=2))
    pauses = await through_time(one, connection)
    assert [each.total_seconds() for each in pauses[:7]] == [2, 8, 32, 128, 512, 900, 900]
    assert set(pauses[5:]) == {LONGEST_PAUSE}
    assert PATIENCE <= sum(pauses, timedelta()) < PATIENCE + LONGEST_PAUSE
    assert await store.delivery_result(FIRST) == (Result.FAILED, "GitHub is away")


def in_the_issue(room: Room) -> Callable[[Delivery, Desk], Awaitable[Place]]:
    async def asked_in(_delivery: Delivery, _desk: Desk) -> Place:
        return Place(room.hosted.installation, room.hosted.repo.name, room.repository, room.issue, pull=False)

    return asked_in


@pytest.mark.parametrize("error", [Retryable("GitHub is away"), ZeroDivisionError()])
async def test_people_are_told_of_what_was_not_done(room: Room, connection: Db, error: Exception) -> None:
    async def body(_delivery: Delivery, _desk: Desk) -> None:
        raise error

    events = {"issues": Event("issues", frozenset({"labeled"}), body, asked_in=in_the_issue(room))}
    await delivered(room.store)
    await passes(connection, PATIENCE)
    room.hosted.double.fault("status", method="POST", status=502, count=6)
    assert await Postman(room.desk, events).answer(FIRST) is not None, "GitHub does not take the news yet"
    room.hosted.double.no_faults()
    assert await Postman(room.desk, events).answer(FIRST) is None
    (said,) = room.said()
    assert "**Not done.**" in said
    assert "delivery `first`" in said
    labels = room.hosted.double.get(f"/repos/{room.name}/issues/{room.issue}")["labels"]
    assert [each["name"] for each in labels] == [NEEDS_HUMAN]
    result = await room.store.delivery_result(FIRST)
    assert result is not None
    assert result[0] is Result.FAILED


async def test_nobody_is_sought_for_ever(room: Room, connection: Db) -> None:
    async def body(_delivery: Delivery, _desk: Desk) -> None:
        raise Retryable("GitHub is away")

    events = {"issues": Event("issues", frozenset({"labeled"}), body, asked_in=in_the_issue(room))}
    await delivered(room.store)
    await passes(connection, 2 * PATIENCE)
    room.hosted.double.fault("status", method="POST", status=502, count=6)
    assert await Postman(room.desk, events).answer(FIRST) is None
    room.hosted.double.no_faults()
    assert room.said() == []


async def test_a_limit_that_tells_its_end_is_waited_for(store: Store) -> None:
    async def body(_delivery: Delivery, _desk: Desk) -> None:
        raise LimitReached("GitHub's limits leave no room for 3000 s", 3000.0)

    await delivered(store)
    assert await postman(store, body).answer(FIRST) == timedelta(seconds=3000)


async def test_an_answer_that_takes_too_long_is_tried_again(store: Store) -> None:
    async def body(_delivery: Delivery, _desk: Desk) -> None:
        await asyncio.Event().wait()

    await delivered(store)
    one = postman(store, body, seconds=0.01)
    assert await one.answer(FIRST) == timedelta(milliseconds=1)
    assert await store.delivery_result(FIRST) == (Result.WAITING, "out of time after 0.01 s")


async def test_an_event_that_is_no_longer_known_ends(store: Store) -> None:
    await delivered(store)
    nobody = Postman(postman(store, unexpected).desk, {})
    await until_empty(nobody)
    assert await store.delivery_result(FIRST) == (Result.UNWANTED, "")


async def unexpected(_delivery: Delivery, _desk: Desk) -> None:
    pytest.fail("nobody wants this delivery")


async def test_a_delivery_over_which_process_after_process_dies_is_given_up(store: Store, connection: Db) -> None:
    await delivered(store)
    await connection.execute("UPDATE delivery SET attempts = $1", MOST_DEATHS)
    await until_empty(postman(store, unexpected))
    assert await store.delivery_result(FIRST) == (Result.FAILED, f"{MOST_DEATHS} processes died over it")


async def test_a_store_that_is_away_brings_the_job_again() -> None:
    class Away:
        async def take_delivery(self, _delivery: DeliveryId, _lease: timedelta) -> None:
            raise Retryable("the database does not answer")

    away: Any = Away()
    assert await postman(away, unexpected).answer(FIRST) == timedelta(milliseconds=1)


def started(database: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, str(DOUBLE), database], cwd=Path(__file__).parents[1], stderr=subprocess.DEVNULL)


async def waiting(connection: Db) -> int:
    found: int = await connection.fetchval("SELECT count(*) FROM delivery WHERE result = 'waiting'")
    return found


@pytest.mark.timeout(600)
async def test_a_thousand_deliveries_are_answered_once_each_though_processes_are_killed(database: str, connection: Db) -> None:
    settings = Settings(DATABASE_URL=SecretStr(database))
    async with open_store(settings) as store:
        for at in range(1000):
            await delivered(store, f"d{at}", at)
            await delivered_again(store, f"d{at}", at)
    dice = random.Random(7)  # noqa: S311 - where to kill is no secret
    for kill in range(5):
        process = started(database)
        mark = 1000 - int(1000 * (kill + dice.random()) / 5)
        while await waiting(connection) > mark:
            assert process.poll() is None
            await asyncio.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
    # Jobs that died with a process come again once their heartbeat is half a minute old.
    await connection.execute("UPDATE pgqueuer SET heartbeat = now() - interval '1 minute' WHERE status = 'picked'")
    process = started(database)
    while await waiting(connection):
        assert process.poll() is None
        await asyncio.sleep(0.02)
    process.kill()
    process.wait()
    assert await connection.fetchval("SELECT count(*) FROM delivery WHERE result = 'answered'") == 1000
    assert await connection.fetchval("SELECT count(*) FROM run") == 2000
    made = await connection.fetch("SELECT origin_number, instruction ->> 'text' AS text FROM run")
    assert len({(row["origin_number"], row["text"]) for row in made}) == 2000


async def delivered_again(store: Store, name: str, number: int) -> None:
    if number % 3 == 0:
        assert not await store.deliver(Letter(DeliveryId(name), "issues", "labeled", f'{{"number":{number}}}', 0))
